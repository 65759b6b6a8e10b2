"""Failures that happen again: each suspect is sent alone, twice at least, and those that are alike are one failure."""

from collections.abc import Callable, Hashable, Iterable

import msgspec

from nineam.model import Payload
from nineam.payloads.asking import Answer, Target, ask
from nineam.payloads.found import Failure, Trace, Unsteady
from nineam.payloads.subject import Subject
from nineam.payloads.suspects import Suspect

NEEDED = 2
TRIES = 3
MOST_SILENT = 2
"""Waiting for an answer that does not come takes long: of silences at one part of an endpoint so many are tried."""


class Confirming:
    """Sends suspects again. `failures` are in the order in which they were found."""

    def __init__(self, target: Target, subject: Subject, in_time: Callable[[], bool]) -> None:
        self.untried = 0
        self._failures: dict[Hashable, Failure] = {}
        self._once: list[Suspect] = []
        self._target = target
        self._subject = subject
        self._in_time = in_time
        self._silences: dict[Hashable, int] = {}

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What happened again."""
        return tuple(self._failures.values())

    @property
    def unsteady(self) -> tuple[Unsteady, ...]:
        """What did not happen again, without those that went down with a process that another one killed."""
        killed = any(each.died for each in self._failures.values())
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
                known = self._failures.get(key := key_of(payload, answer, trace))
                if known is not None:
                    self._failures[key] = msgspec.structs.replace(known, requests=known.requests + 1)
                    return
            if len(seen) == NEEDED:
                self._add(suspect, seen[0][0], trace, tried, died=any(died for _, died in seen))
                return
            if tried - len(seen) > TRIES - NEEDED:
                break
        self._once.append(suspect)

    def _add(self, suspect: Suspect, answer: Answer, trace: Trace, tries: int, *, died: bool) -> None:
        self._failures[key_of(suspect.payload, answer, trace)] = Failure(
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


async def again(target: Target, subject: Subject, payload: Payload) -> tuple[Answer, bool, Trace]:
    """Send one alone: its answer, whether a process was lost, and what was printed. The application serves again."""
    subject.mark()
    answer = await ask(target, payload)
    died = await subject.lost() if answer.ending != "answered" else False
    failed = answer.failed(payload) or died
    trace = await subject.trace() if failed and answer.ending != "silent" else Trace()
    if died or answer.ending == "refused":
        await subject.revive()
    return answer, died, trace


def key_of(payload: Payload, answer: Answer, trace: Trace) -> Hashable:
    """Tell failures apart: by the line that raised, or else by where the request was wrong and what was answered."""
    kind = trace.exception.partition(":")[0]
    if trace.where:
        return (trace.where, kind, answer.words)
    return (payload.endpoint, payload.part, answer.words, kind)
