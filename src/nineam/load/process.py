"""The load process as the controller holds it: start it, run phases, stop it."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import psutil

from nineam.errors import NineamError, UntrustworthyError, UsageError
from nineam.model import Command, LoadEvent, LoadPlan, Phase

# -P: the working directory is the user's project, and a module of theirs must not stand in for one of ours
SHARD = ("-P", "-m", "nineam.load.shard")
LONGEST_LINE = 2**26
KEPT_LINES = 40
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 6.0
LOOK_EVERY_S = 10.0
"""How often a process that says nothing is looked at; one that runs says something twice a second."""
SILENT_S = 60.0
"""Its own watchdog gives up long before."""
POLL_S = 0.02
PIPES_S = 1.0
KILLED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT)


class LoadProcess:
    """A load generator in a process of its own.

    `start` raises `UsageError` when the plan cannot be carried out; `start` and `run` raise `NineamError`, with the
    last lines of the process's standard error, when it dies, and `UntrustworthyError` when it stands still.
    It has a process group of its own, which ends with it: with whatever the journeys have started.
    """

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._draining: asyncio.Task[None] | None = None
        self._script = ""
        self._ended = False
        self._decoder = msgspec.json.Decoder(LoadEvent)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self, plan: LoadPlan, argv_prefix: Sequence[str] = ()) -> LoadEvent:
        """Start the process and hand it the plan; `argv_prefix` goes before the interpreter (taskset, nice...)."""
        argv = [*argv_prefix, sys.executable, *SHARD]
        pipe = asyncio.subprocess.PIPE
        self._script = plan.journeys_file or plan.locustfile
        try:
            self._process = await asyncio.create_subprocess_exec(
                *argv, stdin=pipe, stdout=pipe, stderr=pipe, limit=LONGEST_LINE, start_new_session=True
            )
        except OSError as error:
            raise NineamError(f"the load process cannot be started: {error}", details=[" ".join(argv)]) from error
        self._draining = asyncio.create_task(self._drain(self._process))
        await self._send(plan)
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                return await self._next()
        except TimeoutError:
            await self.stop()
            raise self._died("the load process did not come up") from None

    async def run(self, phase: Phase, begin_ns: int = 0) -> AsyncIterator[LoadEvent]:
        """Run a phase, from an instant on or at once: its ticks, then its `done`."""
        await self._send(Command(phase=phase, begin_ns=begin_ns))
        while True:
            event = await self._next()
            if event.phase != phase.name:
                continue
            yield event
            if event.kind == "done":
                return

    async def end_phase(self) -> None:
        """End the running phase, if any, at once: its `done` follows, and the process is ready for the next one."""
        await self._send(Command(end_phase=True))

    async def stop(self) -> None:
        """End the running phase, if any, and the process; safe to call at any time, and twice."""
        process = self._process
        if process is None or self._ended:
            return
        self._ended = True
        with contextlib.suppress(NineamError):
            await self._send(Command(stop=True))
        emptying = asyncio.create_task(_empty(process))
        if not await _has_exited(process, STOP_TIMEOUT_S):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await _has_exited(process, PIPES_S)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        reading = {emptying, self._draining} if self._draining else {emptying}
        await asyncio.wait(reading, timeout=PIPES_S)  # a stranger may keep its pipes open
        emptying.cancel()
        if self._draining is not None:
            self._draining.cancel()
            await asyncio.wait([self._draining])

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
        try:
            line = await self._line()
        except ValueError as error:
            raise self._died(f"the load process said more than {LONGEST_LINE:,} bytes at once") from error
        if not line:
            await self._process_ended()
            raise self._died(f"the load process died with exit code {self._code}")
        try:
            event = self._decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise self._died(f"what the load process says is not understood: {error}") from error
        if event.kind == "failed":
            raise UsageError(event.message, details=event.details, hint=event.hint)
        return event

    async def _line(self) -> bytes:
        """Return what it says next; empty when it has ended. Raises `UntrustworthyError` when it stands still."""
        assert self._process is not None
        assert self._process.stdout is not None
        since = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    return await self._process.stdout.readline()
            if self._process.returncode is not None:
                return b""
            self._look(time.monotonic() - since)

    def _look(self, silent_s: float) -> None:
        """Raise `UntrustworthyError` when nothing is to be expected any more."""
        try:
            stopped = psutil.Process(self.pid).status() == psutil.STATUS_STOPPED
        except psutil.Error:
            return
        if stopped or silent_s > SILENT_S:
            what = "was stopped (SIGSTOP)" if stopped else "stands still"
            hint = "Nothing was measured since; let it run." + self._suspicion()
            raise UntrustworthyError(f"the load process {what}: {silent_s:.0f} s without a word", hint=hint)

    async def _process_ended(self) -> None:
        assert self._process is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PIPES_S):
                await self._process.wait()

    @property
    def _code(self) -> int | None:
        return self._process.returncode if self._process else None

    async def _drain(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            self._last_lines.append(line.decode("utf-8", "replace").rstrip())

    def _died(self, message: str) -> NineamError:
        code = self._code
        if code in KILLED_FROM_OUTSIDE:
            hint = "Somebody ended it; if nobody did, memory ran out: see the system's log, and use fewer users."
            return NineamError(f"the load process was killed (signal {-code})", hint=hint)
        hint = self._suspicion().strip() or "This is a bug: please report it."
        return NineamError(message, details=tuple(self._last_lines)[-10:], hint=hint)

    def _suspicion(self) -> str:
        """Name the user's own code, which runs in that process and can do anything to it."""
        if not self._script:
            return ""
        name = Path(self._script).name
        return f" Look into {name}: it runs in that process, and can end, stop or break it; report it if it does not."


async def _has_exited(process: asyncio.subprocess.Process, timeout_s: float) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            while process.returncode is None:  # not `wait`, which also waits for all who hold its pipes
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        return False
    return True


async def _empty(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.readline():
        pass
