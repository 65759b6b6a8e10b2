"""The application of a session as hostile requests see it: what it loses, what it prints, that it comes back."""

import asyncio

from nineam.payloads.found import Trace
from nineam.payloads.printed import Printed
from nineam.trials.lab import Session


class Watched:
    """What is known of an application whose session listens; a `Subject` of payloads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pids = session.app.living()
        self._printed = Printed(session.lab.log, session.lab.subject.cwd)

    async def lost(self) -> bool:
        """Whether a process of it has ended since this was asked last."""
        before, self._pids = self._pids, await asyncio.to_thread(self._session.app.living)
        return not before <= self._pids

    async def revive(self) -> bool:
        """Wait until it answers, and start it again when it has ended; whether it answers."""
        answers = await self._session.revive()
        self._pids = self._session.app.living()
        return answers

    async def mark(self) -> None:
        """Begin to listen for what it prints."""
        await self._printed.mark()

    async def trace(self, patience_s: float) -> Trace:
        """What it has printed about an exception since then; an empty one when nothing was in time (seconds)."""
        return await self._printed.trace(patience_s)
