"""The application that hostile payloads are sent to: started, watched, listened to, and started again when it dies."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import psutil

from nineam.app.process import Application
from nineam.app.ready import ensure_answers
from nineam.errors import ApplicationError
from nineam.monday.setup import Setup
from nineam.payloads.found import Trace
from nineam.payloads.subject import Stranger, Subject
from nineam.payloads.trace import trace_of

POLL_S = 0.005
MOST_STARTS = 60
LARGEST_TRACE = 400_000


class Provoked:
    """An application that nineam started; `base_url` is where it answers."""

    def __init__(self, setup: Setup, log: Path) -> None:
        self.base_url = setup.url
        self._setup = setup
        self._log = log
        self._app: Application | None = None
        self._pids: frozenset[int] = frozenset()
        self._starts = 0
        self._heard = 0

    async def start(self) -> None:
        """Start it. Raises `ApplicationError`."""
        setup = self._setup
        self._starts += 1
        self._app = await Application.start(
            setup.command, cwd=Path(setup.cwd), env=setup.environment, log_file=self._log
        )
        self.base_url = await self._app.wait_ready(setup.url or None, setup.ready_timeout_s)
        self._pids = _living(self._app)

    async def stop(self) -> None:
        """End it."""
        if self._app is not None:
            await self._app.stop()

    async def lost(self) -> bool:
        """Whether a process of it has ended since this was asked last."""
        assert self._app is not None
        before, self._pids = self._pids, await asyncio.to_thread(_living, self._app)
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
            self._pids = _living(self._app)
            return True
        return False

    def mark(self) -> None:
        """Begin to listen for what it prints."""
        self._heard = self._log.stat().st_size if self._log.exists() else 0

    async def trace(self, patience_s: float) -> Trace:
        """What it has printed about an exception since then; an empty one when it prints none in time (seconds)."""
        for _ in range(int(patience_s / POLL_S)):
            found = trace_of(self._new_lines(), str(Path(self._setup.cwd).resolve()))
            if found is not None:
                return found
            await asyncio.sleep(POLL_S)
        return Trace()

    def _new_lines(self) -> list[str]:
        if not self._log.exists():
            return []
        with self._log.open("rb") as file:
            file.seek(self._heard)
            return file.read(LARGEST_TRACE).decode("utf-8", "replace").splitlines()


def _living(app: Application) -> frozenset[int]:
    """Give the processes of an application, without those that have ended and that nobody has noticed yet."""
    found = set()
    for pid in app.tree():
        with contextlib.suppress(psutil.Error):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.add(pid)
    return frozenset(found)


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
