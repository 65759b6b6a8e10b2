"""What a replay needs of the application besides its answers."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from nineam.payloads.asking import Answer
from nineam.payloads.found import Trace

DYING_S = 0.05
"""How long a process may take to end from when its connections are closed."""


class Subject(Protocol):
    """The application under test, as a process (or as somebody else's, of which nothing is known)."""

    async def lost(self) -> bool:
        """Whether a process of it has ended since this was asked last."""

    async def revive(self) -> bool:
        """Wait until it answers again, and start it anew if it does not; whether it answers."""

    async def mark(self) -> None:
        """Begin to listen for what it prints."""

    async def trace(self, patience_s: float) -> Trace:
        """What it has printed about an exception since then; an empty one when it prints none in time (seconds)."""


class Stranger:
    """Somebody else's application: it is asked, and nothing else is known of it."""

    async def lost(self) -> bool:
        """Nobody knows."""
        return False

    async def revive(self) -> bool:
        """It is not ours to start."""
        return False

    async def mark(self) -> None:
        """Nothing is heard."""

    async def trace(self, patience_s: float) -> Trace:  # noqa: ARG002 - nobody is waited for
        """Nothing was heard."""
        return Trace()


async def lost_with(subject: Subject, answers: Iterable[Answer]) -> bool:
    """Whether a process was lost while these requests were under way."""
    if await subject.lost():
        return True
    if all(answer.ending == "answered" for answer in answers):
        return False
    await asyncio.sleep(DYING_S)
    return await subject.lost()
