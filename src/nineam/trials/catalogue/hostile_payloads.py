"""Requests that nobody accounted for, beside ordinary ones."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from nineam.model import Payload
from nineam.model.trial import Dependency
from nineam.payloads.aim import aim_of_request
from nineam.payloads.alongside import Pace, alongside
from nineam.payloads.asking import Target, ask
from nineam.payloads.builtin import builtin
from nineam.payloads.curl import curl, variable
from nineam.payloads.found import Failure, Found
from nineam.payloads.ordinary import controls
from nineam.payloads.replay import Clock, examine
from nineam.payloads.suspects import Sent
from nineam.trials.advice import breaks
from nineam.trials.lab import Lab, Session
from nineam.trials.logins import hidden, logins
from nineam.trials.trial import Measured, NotApplicableError, Trial
from nineam.trials.watched import Watched
from nineam.trials.window import Window, answered, good

SEED = 1
LASTS_S, MOST_S = 6.0, 9.0
EXAMINING_S = 10.0
LEAST_RATE, MOST_RATE = 2.0, 50.0
SHARE_OF_KNEE = 0.4
"""Together with the ordinary requests, less than what it carries: nothing here is about too many requests."""
SOON_S = 2.0
SHOWN, LONGEST = 3, 120


class _Seen(NamedTuple):
    """What came of both kinds of requests: how the ordinary ones fared before and beside the others."""

    control: Window
    beside: Window
    sent: Sent
    found: Found
    lost: bool
    elsewhere: dict[str, str]

    @property
    def got_nowhere(self) -> bool:
        """Whether no hostile request got as far as the ordinary ones of a user do."""
        nowhere = {*self.found.refused, *self.found.broken_anyhow, *self.elsewhere}
        return 0 < self.found.asked == len(nowhere)


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Send hostile requests beside ordinary ones, then those that failed once more, alone."""
    if not lab.aims:
        raise NotApplicableError("nothing is known that could be sent wrongly")
    async with lab.session(listen=True) as session:
        target = Target(lab.base_url, timeout_s=lab.pace.patience_s, logins=logins(lab.requests))
        known, elsewhere = await _asked_politely(lab, target, session)
        control = await session.control()
        subject = Watched(session)
        rate = min(MOST_RATE, max(LEAST_RATE, lab.knee * SHARE_OF_KNEE))
        fit = [each for each in lab.aims if each.name not in known.broken_anyhow and each.name not in elsewhere]
        payloads = builtin(fit, SEED, round(rate * LASTS_S))
        began = session.now()
        sent = await alongside(target, payloads, Pace(rate, _once(payloads, lambda: session.now() - began < MOST_S)))
        beside = answered(session.player.between(began, session.now()), SOON_S)
        proof, lost = session.proof(), await subject.lost()
        session.player.rate = 0.0
        await subject.revive()
        known = msgspec.structs.replace(known, sent=sent.sent, turned_away=sent.turned_away)
        clock = Clock(session.now, session.now(), EXAMINING_S)
        found = await examine(target, sent.suspects, subject, clock, known)
        return _measured(lab, _Seen(control, beside, sent, found, lost, elsewhere), proof)


async def _asked_politely(lab: Lab, target: Target, session: Session) -> tuple[Found, dict[str, str]]:
    """Send the ordinary requests: of those that fail nothing could be said, and those that are refused get nowhere.

    Nor do those that are answered otherwise than the user's own: what is secret in their address or body is missing.
    """
    own = {name: (await session.player.answer(name)).status for name in lab.names}
    answers = {each.endpoint: (each, await ask(target, each)) for each in controls(lab.aims)}
    status = {name: answer.status for name, (_, answer) in answers.items()}
    as_listed = tuple(aim_of_request(each) for each in lab.requests)
    guessed = {each.name for each in lab.aims if each not in as_listed}
    elsewhere = {}
    for name in own.keys() & status.keys():
        if _got_elsewhere(own[name], status[name], guessed=name in guessed):
            after = (await session.player.answer(name)).status  # what is asked twice may be answered otherwise by right
            if _got_elsewhere(after, status[name], guessed=name in guessed):
                elsewhere[name] = f"answered {status[name]} without what may be secret, not {after}"
    found = Found(
        broken_anyhow=tuple(name for name, (each, answer) in answers.items() if answer.failed(each)),
        refused={name: each for name, each in status.items() if 400 <= each < 500 and name not in elsewhere},
        asked=len(answers),
    )
    return found, dict(sorted(elsewhere.items()))


def _got_elsewhere(own: int, status: int, *, guessed: bool) -> bool:
    """Whether a request is answered unlike the user's own; with `guessed` parameters it may be refused for those."""
    if not 0 < own < 400 or not 0 < status < 500:
        return False
    return status // 100 != own // 100 and not (guessed and status >= 400)


def _once(payloads: Sequence[Payload], in_time: Callable[[], bool]) -> Callable[[], bool]:
    """Go on until each had its turn, or there is no time left."""
    left = iter(payloads)
    return lambda: in_time() and next(left, None) is not None


def _measured(lab: Lab, seen: _Seen, proof: dict[str, object]) -> Measured:
    failures, harmed = seen.found.failures, seen.lost or not good(seen.beside, seen.control)
    cause, fix = breaks(_told(failures), _again(lab, failures), failures[0].trace.where if failures else "")
    beside = f"ordinary ones beside them: {seen.beside.success:.0%} answered well"
    ways = "1 way" if len(failures) == 1 else f"{len(failures)} ways"
    came = f"{ways} to break it: {_spelt(failures[0])}" if failures else "every one was answered"
    died = "; a process of it died" if seen.lost else ""
    holds: bool | None = not failures and not harmed
    if holds and (doubt := _doubt(seen)):
        holds, came = None, doubt
    return Measured(
        holds=holds,
        sentence=f"{seen.sent.sent} hostile requests: {came}{died}; {beside}",
        value=float(len(failures)),
        threshold=0.0,
        unit="ways to break it",
        fault_proof={"fault": "hostile payloads", "times": seen.sent.sent, "endpoints": len(lab.aims)},
        generator_proof=proof,
        evidence={
            "control_success": round(seen.control.success, 3),
            "success_beside_them": round(seen.beside.success, 3),
            "p95_ms_before": round(seen.control.p95_ms, 1),
            "p95_ms_beside_them": round(seen.beside.p95_ms, 1),
            "failed_at_first": len(seen.sent.suspects),
            "others": seen.beside.outcomes(),
            "failures": [_shown(each, lab) for each in failures],
        },
        cause=cause,
        fix=fix,
        left_out=_left_out(lab, seen),
    )


def _doubt(seen: _Seen) -> str:
    """Say why nothing is proven although nothing broke; empty where something is."""
    found = seen.found
    if found.was_limited:
        return f"{found.turned_away} of them got 429: lift its limit of requests for this"
    if not seen.got_nowhere:
        return ""
    names = [f"{name} ({status})" for name, status in found.refused.items()]
    names += [f"{name} ({why})" for name, why in seen.elsewhere.items()]
    names += [f"{name} (fails)" for name in found.broken_anyhow]
    return f"ordinary ones are refused, too: {', '.join(names[:SHOWN])}"


def _told(failures: Sequence[Failure]) -> str:
    """Spell the first failures: where, what, and the smallest request that does it."""
    return "; ".join(_spelt(each) + _smallest(each) for each in failures[:SHOWN])


def _smallest(failure: Failure) -> str:
    """Spell the smallest request, where a line of it says everything."""
    smallest = failure.smallest
    return "" if smallest.body or smallest.headers else f", smallest {smallest.method} {smallest.target[:LONGEST]}"


def _spelt(failure: Failure) -> str:
    trace = failure.trace
    at = f" at {trace.where} ({trace.function})" if trace.where else ""
    why = f": {trace.exception.partition(':')[0]}{at}" if trace.exception else ""
    return f"{failure.payload.endpoint} {failure.answer.words} for {failure.payload.what}{why}"


def _shown(failure: Failure, lab: Lab) -> dict[str, object]:
    secret = logins(lab.requests).get(failure.payload.endpoint, ())
    return {
        "endpoint": failure.payload.endpoint,
        "what": failure.payload.what,
        "answer": failure.answer.words,
        "died": failure.died,
        "exception": hidden(failure.trace.exception, (value for _, value in secret)),
        "where": failure.trace.where,
        "function": failure.trace.function,
        "curl": curl(failure.smallest, lab.base_url, _names(lab, failure)),
    }


def _names(lab: Lab, failure: Failure) -> tuple[str, ...]:
    """Name the headers of a login that go with the smallest request."""
    target = Target(lab.base_url, logins=logins(lab.requests))
    return tuple(dict.fromkeys(name for name, _ in target.login(failure.smallest)))


def _again(lab: Lab, failures: Sequence[Failure]) -> str:
    """Spell the command that finds and reduces all of it, each as curl and as a test; a login is not written out."""
    names = dict.fromkeys(name for each in failures for name in _names(lab, each))
    headers = "".join(f' --header "{name}: ${variable(name)}"' for name in names)
    return f"nineam payloads --tests test_payloads.py{headers} {lab.subject.asked}".rstrip()


def _left_out(lab: Lab, seen: _Seen) -> tuple[str, ...]:
    found = seen.found
    refused = [f"{name} (refused with {status})" for name, status in found.refused.items()]
    broken = [f"{name} (its ordinary request fails)" for name in found.broken_anyhow]
    elsewhere = [f"{name} ({why})" for name, why in seen.elsewhere.items()]
    return (*lab.unsent(), *refused, *elsewhere, *broken, *found.left_out)


TRIAL = Trial(
    name="hostile-payloads",
    title="What nobody accounted for is answered, and nobody else notices",
    what="Requests that are wrong in one way each (NUL, numbers beyond 64 bits, broken JSON, lengths that lie, "
    "nonsense in headers) arrive beside ordinary ones; [`nineam payloads`](commands/payloads.md) has the list.",
    why="Scanners send them all day. Each 500 is a line of code that trusted somebody, and where one wakes a pager or "
    "ends a worker, everybody pays for it.",
    inject=f"A fixed choice of the built-in set, at {SHARE_OF_KNEE:.0%} of what it carries, at most {MOST_RATE:g} a "
    f"second, for {LASTS_S:g} s. Only `GET`, and what `--urls` or `--methods` asks for. They have the login (cookie, "
    "`Authorization`) of the ordinary request to their endpoint, which is written down nowhere.",
    measure="Which of them get a 5xx or no answer, and do again when sent alone; how ordinary requests fare meanwhile.",
    gate="None does; no process ends; ordinary requests fare as before. One endpoint at least was reached: those whose "
    "ordinary request is answered otherwise without what may be secret in its address or body are left out and named.",
    evidence="Of each failure the exception, the line and the smallest request that does it, as curl.",
    causes=(
        "`int(request.args[...])` and values that go to a driver unchecked: `ValueError`, `OverflowError`, NUL in text",
        "`json.loads` on whatever comes: `RecursionError`, lone surrogates that no answer can encode",
        "an error handler that repeats what was wrong and fails at it",
    ),
    role="",
    run=run,
    seconds=11.0,
)
