"""The application as a running process tree: start it, know when it is ready, see it die, stop it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from nineam.app import guard as guard_module
from nineam.app.output import Output
from nineam.app.ports import listening_ports
from nineam.app.ready import Sight, ask, open_addresses, tree
from nineam.errors import ApplicationError

ATTEMPT_S = 5.0
POLL_S = 0.05
SHOWN_LINES = 20
MARGIN_S = 3.0
"""What the guard gets beyond its grace periods before it is killed itself."""


class Application:
    """One start of the application. `died` resolves to its exit code (128 + N for signal N)."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        pid: int,
        output: Output,
        ports_before: frozenset[int],
        grace_s: float,
    ) -> None:
        self.pid = pid
        self.died: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._process = process
        self._output = output
        self._ports_before = ports_before
        self._grace_s = grace_s
        self._reading = asyncio.create_task(self._read())
        self._waiting = asyncio.create_task(self._wait())

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        guard: bool = True,
        log_file: Path | None = None,
        grace_s: float = 5.0,
    ) -> "Application":
        """Start `command` in `cwd` with exactly `env`; `log_file` gets what it prints, up to 20 MB.

        With `guard`, nothing of it survives this process, however this process ends. `grace_s` is what it
        gets between SIGTERM and SIGKILL. Raises ApplicationError when the command cannot be started.
        """
        before = await asyncio.to_thread(listening_ports)
        output = Output(log_file)
        try:
            starting = _guarded(command, cwd, env, grace_s) if guard else _bare(command, cwd, env)
            process, pid = await starting
        except BaseException:
            output.close()
            raise
        return cls(process, pid, output, before, grace_s)

    def tail(self, count: int = SHOWN_LINES) -> tuple[str, ...]:
        """Return the last lines it printed, standard output and error together (at most 200 are kept)."""
        return self._output.lines(count)

    def tree(self) -> tuple[int, ...]:
        """Pids of the command and everything below it; empty once it is gone."""
        return () if self.died.done() else tree(self.pid)

    def living(self) -> frozenset[int]:
        """Pids of the tree, without those that have ended and that nobody has noticed yet."""
        found = set()
        for pid in self.tree():
            with contextlib.suppress(psutil.Error):
                if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                    found.add(pid)
        return frozenset(found)

    async def wait_ready(self, url: str | None, timeout_s: float) -> str:
        """Wait until the application answers HTTP, whatever the status; its base URL.

        Without `url` the port is looked for in the process tree; of several the first to answer HTTP wins.
        Raises ApplicationError when it ends first or has not answered after `timeout_s` seconds.
        """
        sights: dict[str, Sight] = {}
        search = asyncio.create_task(self._search(url, timeout_s, sights))
        try:
            awaited: set[asyncio.Future[Any]] = {search, self.died}
            await asyncio.wait(awaited, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if self.died.done():
                raise await self.ended_early()
            if search.done():
                return search.result()
            raise self._not_ready(url, timeout_s, sights)
        finally:
            search.cancel()
            await asyncio.wait([search])  # which, unlike awaiting it, loses no cancellation of ours

    async def stop(self) -> int:
        """End it and everything it started; its exit code. Safe to call twice and after its death."""
        if self._process.returncode is None:
            self._ask_to_stop()
            try:
                async with asyncio.timeout(2 * self._grace_s + MARGIN_S):
                    await asyncio.shield(self.died)
            except TimeoutError:
                self._kill()
        code = await self.died
        await self._finish_reading()
        self._output.close()
        return code

    async def ended_early(self) -> ApplicationError:
        """Describe an application that is gone: how it ended, and its last words."""
        code = await self.died
        await self._finish_reading()
        return ApplicationError(
            f"the application ended before it was ready ({describe_exit(code)})",
            details=self.tail() or ("it printed nothing",),
            hint=_hint_for(code, self.tail(200)),
        )

    def _ask_to_stop(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGTERM)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while chunk := await stream.read(65536):
            self._output.feed(chunk)

    async def _wait(self) -> None:
        code = await self._process.wait()
        if not self.died.done():
            self.died.set_result(code if code >= 0 else 128 - code)

    async def _finish_reading(self) -> None:
        """Take what is still in the pipe; a stranger who kept it open may not hold us up."""
        await asyncio.wait({self._reading}, timeout=1.0)
        self._reading.cancel()

    async def _search(self, url: str | None, timeout_s: float, sights: dict[str, Sight]) -> str:
        limit_s = timeout_s if url else ATTEMPT_S
        while True:
            places = (url,) if url else await asyncio.to_thread(self._addresses)
            attempts = {asyncio.create_task(_attempt(place, limit_s, sights)) for place in places}
            try:
                for finished in asyncio.as_completed(attempts):
                    place = await finished
                    if sights[place] is Sight.ANSWERED:
                        return place
            finally:
                for attempt in attempts:
                    attempt.cancel()
            await asyncio.sleep(POLL_S)

    def _addresses(self) -> tuple[str, ...]:
        return open_addresses(tree(self.pid), self._ports_before)

    def _not_ready(self, url: str | None, timeout_s: float, sights: Mapping[str, Sight]) -> ApplicationError:
        listens = self._addresses()
        seen = [f"{place} {sight}" for place, sight in sights.items() if sight is not Sight.REFUSED]
        if seen:
            hint = "look at what its start or its first request waits for (a database, another service?)"
        elif listens:
            hint = f"it listens on {', '.join(listens)}: name that one"
            seen = [f"nothing listens on {url}"]
        else:
            hint = "give it longer, or name its URL if it runs where nineam cannot see it (a container)"
            seen = [f"nothing listens on {url}" if url else "it opened no port"]
        return ApplicationError(
            f"the application was not ready after {timeout_s:g} s: {'; '.join(seen)}", details=self.tail(), hint=hint
        )


async def _attempt(url: str, limit_s: float, sights: dict[str, Sight]) -> str:
    await ask(url, limit_s, lambda sight: sights.__setitem__(url, sight))
    return url


async def _guarded(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], grace_s: float
) -> tuple[asyncio.subprocess.Process, int]:
    """Start the guard and learn the command's pid from it."""
    reading, writing = os.pipe()
    # isolated: neither the agent nor the application's own modules may reach the guard
    arguments = [sys.executable, "-I", "-S", str(guard_module.__file__), "--grace", str(grace_s)]
    try:
        process = await _spawn(
            [*arguments, "--report-fd", str(writing), "--", *command], cwd, env, asyncio.subprocess.PIPE, writing
        )
    finally:
        os.close(writing)
    with open(reading, encoding="utf-8", errors="replace") as report:  # noqa: PTH123 - a file descriptor
        said = (await asyncio.to_thread(report.readline)).strip()
    if not said.isdigit():
        await process.wait()
        raise _not_started(command, said.removeprefix("error: "))
    return process, int(said)


async def _bare(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> tuple[asyncio.subprocess.Process, int]:
    process = await _spawn(list(command), cwd, env, asyncio.subprocess.DEVNULL)
    return process, process.pid


async def _spawn(
    arguments: list[str], cwd: Path, env: Mapping[str, str], stdin: int, *descriptors: int
) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *arguments,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=cwd,
            env=dict(env),
            pass_fds=descriptors,
            start_new_session=True,
        )
    except OSError as problem:
        raise _not_started(arguments, str(problem)) from None


def _not_started(command: Sequence[str], why: str) -> ApplicationError:
    return ApplicationError(
        f"cannot start {command[0]}: {why or 'the guard ended'}", hint="check the command's name and its rights"
    )


def describe_exit(code: int) -> str:
    """`exit code 3`, or `killed by SIGKILL` for 137."""
    if code > 128:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(code - 128).name}"
    return f"exit code {code}"


def _hint_for(code: int, lines: Sequence[str]) -> str:
    text = "\n".join(lines).lower()
    if "address already in use" in text:
        return "its port is taken: end what holds it, or let nineam choose the port"
    if code == 128 + signal.SIGKILL:
        return "the kernel may have ended it for want of memory: see dmesg"
    if code == guard_module.NOT_FOUND:
        return "a command in it was not found: is the right venv active?"
    return "run the command by itself and see that it stays up"
