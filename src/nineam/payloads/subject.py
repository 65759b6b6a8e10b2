"""What a replay needs of the application besides its answers."""

from typing import Protocol

from nineam.payloads.found import Trace


class Subject(Protocol):
    """The application under test, as a process (or as somebody else's, of which nothing is known)."""

    async def lost(self) -> bool:
        """Whether a process of it has ended since this was asked last."""

    async def revive(self) -> bool:
        """Wait until it answers again, and start it anew if it does not; whether it answers."""

    def mark(self) -> None:
        """Begin to listen for what it prints."""

    async def trace(self) -> Trace:
        """What it has printed about an exception since then; an empty one when it printed none."""


class Stranger:
    """Somebody else's application: it is asked, and nothing else is known of it."""

    async def lost(self) -> bool:
        """Nobody knows."""
        return False

    async def revive(self) -> bool:
        """It is not ours to start."""
        return False

    def mark(self) -> None:
        """Nothing is heard."""

    async def trace(self) -> Trace:
        """Nothing was heard."""
        return Trace()
