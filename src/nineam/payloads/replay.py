"""A set of payloads against an application: sent, confirmed, reduced. What trials and the command line call."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from nineam.model import Payload
from nineam.payloads.asking import Target, ask
from nineam.payloads.confirm import PRINTED_S, Confirming, again, key_of
from nineam.payloads.found import Failure, Found
from nineam.payloads.reduce import MOST_TRIES, Reducer
from nineam.payloads.subject import Subject
from nineam.payloads.suspects import Progress, Suspect, send_all

SENDING, CONFIRMING = 0.6, 0.8
"""Shares of the time after which nothing more is sent, and nothing more is confirmed; the rest is for reducing."""

LEAST_PATIENCE_S = 1.0
PATIENCE = 20
"""Times the answer of the failure: longer is waited for no answer while reducing."""
TRIES_IN_SILENCE = 15

NUMBERS, WORDS, ESCAPES = (re.compile(text) for text in (r"(?<==)\d+$", r"(?<==)[A-Za-z_]+$", r"(?<==)(?:%\w\w)+$"))


class Clock(NamedTuple):
    """How long it may take: `now` gives seconds, `begin` is one of them."""

    now: Callable[[], float]
    begin: float
    seconds: float

    def until(self, share: float) -> Callable[[], bool]:
        """Ask whether a share of the time is not over yet."""
        return lambda: self.now() - self.begin < share * self.seconds


def quiet(done: int, of: int) -> None:
    """Tell nobody how far it is."""


async def replay(
    target: Target,
    payloads: Sequence[Payload],
    controls: Iterable[Payload],
    subject: Subject,
    clock: Clock,
    hear: Progress = quiet,
) -> Found:
    """Send a set to an application that runs and say what broke it.

    `controls` are the ordinary requests of the endpoints: where these fail too, hostile ones are not sent.
    """
    ordinary = {each.endpoint: (each, await ask(target, each)) for each in controls}
    broken = tuple(name for name, (each, answer) in ordinary.items() if answer.failed(each))
    refused = {name: answer.status for name, (_, answer) in ordinary.items() if 400 <= answer.status < 500}
    fit = tuple(payload for payload in payloads if payload.endpoint not in broken)
    await subject.lost()
    sent = await send_all(target, _interleaved(fit), subject, clock.until(SENDING), hear)
    return await examine(
        target,
        sent.suspects,
        subject,
        clock,
        Found(
            sent=sent.sent,
            suspects=tuple(each.payload.id for each in sent.suspects),
            broken_anyhow=broken,
            refused=refused,
            asked=len(ordinary),
            turned_away=sent.turned_away,
            left_out=_unsent(len(fit) - sent.sent, sent.stopped),
        ),
    )


async def examine(target: Target, suspects: Iterable[Suspect], subject: Subject, clock: Clock, found: Found) -> Found:
    """Confirm and reduce what failed, of a replay or of requests under load, and add it to what was found."""
    confirming = Confirming(target, subject, clock.until(CONFIRMING))
    await confirming.look(suspects)
    failures = [await reduced(target, each, subject, clock.until(1)) for each in confirming.failures]
    untried = f"{confirming.untried} of the requests that failed were not sent again: there was no time for them"
    return msgspec.structs.replace(
        found,
        failures=_merged([*found.failures, *failures]),
        unsteady=(*found.unsteady, *confirming.unsteady),
        left_out=(*found.left_out, *([untried] if confirming.untried else [])),
    )


async def reduced(target: Target, failure: Failure, subject: Subject, in_time: Callable[[], bool]) -> Failure:
    """Look for the smallest request that fails in the same way."""
    wanted = key_of(failure.payload, failure.answer, failure.trace)
    printed_s = PRINTED_S if failure.trace.exception else PRINTED_S / 10
    silent = failure.answer.ending == "silent"
    if not silent:  # a request that was made worse may be waited for in vain
        patience = max(LEAST_PATIENCE_S, PATIENCE * failure.answer.elapsed_ms / 1000)
        target = target._replace(timeout_s=min(target.timeout_s, patience))

    async def fails(candidate: Payload) -> bool:
        answer, died, trace = await again(target, subject, candidate, printed_s)
        broke = answer.failed(candidate) or died
        return broke and key_of(candidate, answer, trace) == wanted

    reducer = Reducer(failure.payload, fails, in_time, TRIES_IN_SILENCE if silent else MOST_TRIES)
    complete = await reducer.run()
    return msgspec.structs.replace(failure, smallest=reducer.best, reduced=complete)


def _merged(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Put together what came down to the same request."""
    merged: dict[bytes, Failure] = {}
    for each in failures:
        alike = each.smallest if each.trace.exception else _shape(each.smallest)
        wire = alike.over_the_wire("nineam")
        known = merged.get(wire)
        requests = each.requests + (known.requests if known else 0)
        merged[wire] = msgspec.structs.replace(known or each, requests=requests)
    return tuple(merged.values())


def _shape(payload: Payload) -> Payload:
    """Give what a request looks like from afar: where nothing else is known, one word is as wrong as another."""
    query = tuple(ESCAPES.sub("%", WORDS.sub("w", NUMBERS.sub("9", piece))) for piece in payload.query)
    return msgspec.structs.replace(payload, query=query)


def _interleaved(payloads: Iterable[Payload]) -> tuple[Payload, ...]:
    """Take the endpoints in turn: when time runs out, none was left alone."""
    turns: dict[str, int] = {}
    placed = []
    for payload in payloads:
        turns[payload.endpoint] = turn = turns.get(payload.endpoint, 0) + 1
        placed.append((turn, payload))
    return tuple(payload for _, payload in sorted(placed, key=lambda each: each[0]))


def _unsent(count: int, why: str) -> tuple[str, ...]:
    return (f"{count} requests were not sent: {why}",) if count else ()
