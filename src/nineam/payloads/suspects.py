"""Sends a whole set once, a few requests at a time, and notes what failed."""

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple

from nineam.model import Payload
from nineam.payloads.asking import Answer, Target, ask
from nineam.payloads.subject import Subject, lost_with

AT_ONCE = 4
TOO_MANY = 429
Progress = Callable[[int, int], None]


class Suspect(NamedTuple):
    """A request that failed; alone it may not. `beside_death`: a process was lost while it was under way."""

    payload: Payload
    answer: Answer
    under_load: bool = False
    beside_death: bool = False


class Sent(NamedTuple):
    """How many of the set were sent, what failed, why the rest was not sent, and how many were answered with 429."""

    sent: int
    suspects: tuple[Suspect, ...]
    stopped: str = ""
    turned_away: int = 0


async def send_all(
    target: Target, payloads: Iterable[Payload], subject: Subject, in_time: Callable[[], bool], hear: Progress
) -> Sent:
    """Send them all, as long as there is time and the application answers."""
    whole = tuple(payloads)
    suspects: list[Suspect] = []
    sent = turned_away = 0
    for batch in _batches(whole):
        if not in_time():
            return Sent(sent, tuple(suspects), "there was no time for them", turned_away)
        answers = await asyncio.gather(*(ask(target, payload) for payload in batch))
        lost = await lost_with(subject, answers)
        sent += len(batch)
        turned_away += sum(answer.status == TOO_MANY for answer in answers)
        hear(sent, len(whole))
        for payload, answer in zip(batch, answers, strict=True):
            if answer.failed(payload) or (lost and answer.ending != "answered"):
                suspects.append(Suspect(payload, answer, beside_death=lost))
        gone = any(answer.ending == "refused" for answer in answers)
        if (lost or gone) and not await subject.revive():
            return Sent(sent, tuple(suspects), "the application did not come back", turned_away)
    return Sent(sent, tuple(suspects), "", turned_away)


def _batches(items: tuple[Payload, ...]) -> Iterable[tuple[Payload, ...]]:
    return (items[at : at + AT_ONCE] for at in range(0, len(items), AT_ONCE))
