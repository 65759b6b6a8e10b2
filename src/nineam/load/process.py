"""The load process as the controller holds it: start it, run phases, stop it."""

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence

import msgspec

from nineam.errors import NineamError, UsageError
from nineam.model import Command, LoadEvent, LoadPlan, Phase

# -P: the working directory is the user's project, and a module of theirs must not stand in for one of ours
SHARD = ("-P", "-m", "nineam.load.shard")
LONGEST_LINE = 2**26
KEPT_LINES = 40
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 6.0


class LoadProcess:
    """A load generator in a process of its own.

    `start` raises `UsageError` when the plan cannot be carried out; `start` and `run` raise `NineamError`, with the
    last lines of the process's standard error, when it dies.
    """

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._draining: asyncio.Task[None] | None = None
        self._decoder = msgspec.json.Decoder(LoadEvent)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self, plan: LoadPlan, argv_prefix: Sequence[str] = ()) -> LoadEvent:
        """Start the process and hand it the plan; `argv_prefix` goes before the interpreter (taskset, nice...)."""
        argv = [*argv_prefix, sys.executable, *SHARD]
        pipe = asyncio.subprocess.PIPE
        try:
            self._process = await asyncio.create_subprocess_exec(
                *argv, stdin=pipe, stdout=pipe, stderr=pipe, limit=LONGEST_LINE
            )
        except OSError as error:
            raise NineamError(f"the load process cannot be started: {error}", details=[" ".join(argv)]) from error
        self._draining = asyncio.create_task(self._drain(self._process))
        await self._send(plan)
        try:
            return await asyncio.wait_for(self._next(), START_TIMEOUT_S)
        except TimeoutError:
            await self.stop()
            raise self._died("the load process did not come up") from None

    async def run(self, phase: Phase) -> AsyncIterator[LoadEvent]:
        """Run a phase: its ticks, then its `done`."""
        await self._send(Command(phase=phase))
        while True:
            event = await self._next()
            if event.phase != phase.name:
                continue
            yield event
            if event.kind == "done":
                return

    async def stop(self) -> None:
        """End the running phase, if any, and the process; safe to call at any time, and twice."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(NineamError):
            await self._send(Command(stop=True))
        if not await self._has_exited(process, STOP_TIMEOUT_S):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._draining is not None:
            self._draining.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._draining

    async def _has_exited(self, process: asyncio.subprocess.Process, timeout_s: float) -> bool:
        assert process.stdout is not None
        try:
            async with asyncio.timeout(timeout_s):
                while await process.stdout.readline():
                    pass
                await process.wait()
        except TimeoutError:
            return False
        return True

    async def _send(self, record: LoadPlan | Command) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise NineamError("the load process is not running")
        try:
            process.stdin.write(msgspec.json.encode(record) + b"\n")
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            if process.returncode is not None:
                raise self._died("the load process has ended") from None

    async def _next(self) -> LoadEvent:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            await self._process.wait()
            raise self._died(f"the load process died with exit code {self._process.returncode}")
        event = self._decoder.decode(line)
        if event.kind == "failed":
            raise UsageError(event.message, details=event.details, hint=event.hint)
        return event

    async def _drain(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            self._last_lines.append(line.decode("utf-8", "replace").rstrip())

    def _died(self, message: str) -> NineamError:
        return NineamError(message, details=tuple(self._last_lines)[-10:], hint="This is a bug: please report it.")
