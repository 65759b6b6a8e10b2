"""The application that hostile payloads are sent to: started, watched, listened to, and started again when it dies."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from nineam.app.process import Application
from nineam.app.ready import ensure_answers
from nineam.errors import ApplicationError
from nineam.monday.setup import Setup
from nineam.payloads.found import Trace
from nineam.payloads.printed import Printed
from nineam.payloads.subject import Stranger, Subject

MOST_STARTS = 60


class Provoked:
    """An application that nineam started; `base_url` is where it answers."""

    def __init__(self, setup: Setup, log: Path) -> None:
        self.base_url = setup.url
        self._setup = setup
        self._log = log
        self._app: Application | None = None
        self._pids: frozenset[int] = frozenset()
        self._starts = 0
        self._printed = Printed(log, setup.cwd)

    async def start(self) -> None:
        """Start it. Raises `ApplicationError`."""
        setup = self._setup
        self._starts += 1
        self._app = await Application.start(
            setup.command, cwd=Path(setup.cwd), env=setup.environment, log_file=self._log
        )
        self.base_url = await self._app.wait_ready(setup.url or None, setup.ready_timeout_s)
        self._pids = self._app.living()

    async def stop(self) -> None:
        """End it."""
        if self._app is not None:
            await self._app.stop()

    async def lost(self) -> bool:
        """Whether a process of it has ended since this was asked last."""
        assert self._app is not None
        before, self._pids = self._pids, await asyncio.to_thread(self._app.living)
        return not before <= self._pids

    async def revive(self) -> bool:
        """Wait until it answers, and start it again when it is gone; whether it answers."""
        assert self._app is not None
        with contextlib.suppress(ApplicationError):
            if not self._app.died.done():
                await self._app.wait_ready(self.base_url, self._setup.ready_timeout_s)
            elif self._starts < MOST_STARTS:
                await self.stop()
                await self.start()
            else:
                return False
            self._pids = self._app.living()
            return True
        return False

    async def mark(self) -> None:
        """Begin to listen for what it prints."""
        await self._printed.mark()

    async def trace(self, patience_s: float) -> Trace:
        """What it has printed about an exception since then; an empty one when it prints none in time (seconds)."""
        return await self._printed.trace(patience_s)


@contextlib.asynccontextmanager
async def provoked(setup: Setup, scratch: Path) -> AsyncIterator[tuple[str, Subject]]:
    """Give the base URL of the application and what is known of it; it is started when there is a command for that.

    Raises `ApplicationError` when it does not start or does not answer.
    """
    if not setup.command:
        await ensure_answers(setup.url)
        yield setup.url, Stranger()
        return
    app = Provoked(setup, scratch / "application.log")
    try:
        await app.start()
        yield app.base_url, app
    finally:
        await app.stop()
