"""Failures that happen again: each suspect is sent alone, twice at least, and those that are alike are one failure."""

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

import msgspec

from nineam.model import Payload
from nineam.payloads.asking import Answer, Target, ask
from nineam.payloads.found import Failure, Trace, Unsteady
from nineam.payloads.subject import Subject, lost_with
from nineam.payloads.suspects import Suspect

NEEDED = 2
TRIES = 3
PRINTED_S = 0.3
"""How long a traceback may take from the answer to the output."""
MOST_ALIKE = 5
"""Without a line of code to tell bugs apart by, so many requests that look alike are looked into."""
MOST_SILENT = 2
"""Waiting for an answer that does not come takes long: of silences at one part of an endpoint so many are tried."""


class Confirming:
    """Sends suspects again. `failures` are in the order in which they were found."""

    def __init__(self, target: Target, subject: Subject, in_time: Callable[[], bool]) -> None:
        self.untried = 0
        self._failures: dict[Hashable, dict[str, Failure]] = {}
        self._once: list[Suspect] = []
        self._target = target
        self._subject = subject
        self._in_time = in_time
        self._silences: dict[Hashable, int] = {}

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What happened again."""
        return tuple(each for alike in self._failures.values() for each in alike.values())

    @property
    def unsteady(self) -> tuple[Unsteady, ...]:
        """What did not happen again, without those that went down with a process that another one killed."""
        killed = any(each.died for each in self.failures)
        return tuple(
            Unsteady(payload=each.payload, answer=each.answer, under_load=each.under_load)
            for each in self._once
            if not (killed and each.beside_death)
        )

    async def look(self, suspects: Iterable[Suspect]) -> None:
        """Try each suspect again."""
        for suspect in suspects:
            if not self._in_time() or self._silent_enough(suspect):
                self.untried += 1
            else:
                await self._try(suspect)

    async def _try(self, suspect: Suspect) -> None:
        payload = suspect.payload
        seen: list[tuple[Answer, bool]] = []
        trace = Trace()
        for tried in range(1, TRIES + 1):
            answer, died, trace_now = await again(self._target, self._subject, payload)
            if answer.failed(payload) or died:
                seen.append((answer, died))
                trace = trace_now if trace_now.exception else trace
                if self._is_known(key_of(payload, answer, trace), payload.what):
                    return
            if len(seen) == NEEDED:
                self._add(suspect, seen[0][0], trace, tried, died=any(died for _, died in seen))
                return
            if tried - len(seen) > TRIES - NEEDED:
                break
        self._once.append(suspect)

    def _is_known(self, key: "ByLine | ByPart", what: str) -> bool:
        """Count one more of a failure that is known; where nobody knows the line, `what` tells some apart."""
        alike = self._failures.get(key, {})
        enough = 1 if isinstance(key, ByLine) else MOST_ALIKE
        if what not in alike and len(alike) < enough:
            return False
        name = what if what in alike else next(iter(alike))
        alike[name] = msgspec.structs.replace(alike[name], requests=alike[name].requests + 1)
        return True

    def _add(self, suspect: Suspect, answer: Answer, trace: Trace, tries: int, *, died: bool) -> None:
        key = key_of(suspect.payload, answer, trace)
        self._failures.setdefault(key, {})[suspect.payload.what] = Failure(
            payload=suspect.payload,
            answer=answer,
            smallest=suspect.payload,
            reproduced=NEEDED,
            tries=tries,
            died=died,
            under_load=suspect.under_load,
            trace=trace,
        )

    def _silent_enough(self, suspect: Suspect) -> bool:
        if suspect.answer.ending != "silent":
            return False
        place = (suspect.payload.endpoint, suspect.payload.part)
        self._silences[place] = self._silences.get(place, 0) + 1
        return self._silences[place] > MOST_SILENT


async def again(
    target: Target, subject: Subject, payload: Payload, patience_s: float = PRINTED_S
) -> tuple[Answer, bool, Trace]:
    """Send one alone: its answer, whether a process was lost, and what was printed. The application serves again."""
    await subject.mark()
    answer = await ask(target, payload)
    died = answer.ending != "answered" and await lost_with(subject, (answer,))
    failed = answer.failed(payload) or died
    trace = await subject.trace(patience_s) if failed and answer.ending != "silent" else Trace()
    if died or answer.ending == "refused":
        await subject.revive()
    return answer, died, trace


class ByLine(NamedTuple):
    """A failure that is known by the line that raised."""

    where: str
    exception: str
    answer: str


class ByPart(NamedTuple):
    """A failure of which only is known what was asked, and where the request was wrong."""

    endpoint: str
    part: str
    exception: str
    answer: str


def key_of(payload: Payload, answer: Answer, trace: Trace) -> ByLine | ByPart:
    """Tell failures apart: by the line that raised, or else by where the request was wrong and what was answered."""
    kind = trace.exception.partition(":")[0]
    if trace.where:
        return ByLine(trace.where, kind, answer.words)
    return ByPart(payload.endpoint, payload.part, kind, answer.words)
