"""The fault proxy as the controller holds it: start it, apply faults, heal them, count, stop it. Calls block."""

import contextlib
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec

from nineam.errors import ExitCode, NineamError, UsageError
from nineam.faults.addresses import addresses_of
from nineam.faults.messages import SOCKET, ProxyPlan, Reply, Request
from nineam.faults.naming import fault_of
from nineam.model.fault import FaultCount, Upstream, UpstreamCount

# -P: the working directory is the user's project, and a module of theirs must not stand in for one of ours
PROXY = ("-P", "-m", "nineam.faults.proxy")
START_TIMEOUT_S = 30.0
REPLY_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 3.0
SHOWN_CHARACTERS = 4_000


class FaultProxy:
    """A running proxy: `ports` has where to connect to, by the name of the upstream, on 127.0.0.1.

    It ends with `stop`, with the block of a `with`, and with this process, however that ends. Methods raise
    `NineamError` when it has died, and `UsageError` for an upstream, a fault or a parameter that does not exist.
    """

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self._process, self._errors = process, errors
        self._directory: Path | None = None
        self._one_at_a_time = threading.Lock()
        self._socket: socket.socket | None = None
        self._lines: IO[bytes] | None = None
        self.ports: dict[str, int] = {}

    @classmethod
    def start(cls, upstreams: Sequence[Upstream], *, allowed: Sequence[str] = (), seed: int = 1) -> Self:
        """Start a proxy in front of these upstreams; hosts that are not this machine have to be `allowed`.

        Chances are drawn from the `seed`. Raises UsageError for an upstream that will not do.
        """
        for upstream in upstreams:
            addresses_of(upstream, allowed)
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, *PROXY], stdin=pipe, stdout=pipe, stderr=errors, start_new_session=True
        )
        proxy = cls(process, errors)
        plan = ProxyPlan(
            token=secrets.token_hex(16),
            parent=os.getpid(),
            upstreams=tuple(upstreams),
            allowed=tuple(allowed),
            seed=seed,
        )
        try:
            proxy._begin(plan)
        except BaseException:
            proxy.stop()
            raise
        return proxy

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def apply(self, fault: str, parameters: Mapping[str, Any] | None = None, upstream: str = "") -> None:
        """Let a fault work on an upstream, or on all; when this returns it holds for every connection.

        A fault of the same name is healed first.
        """
        given = dict(parameters or {})
        fault_of(fault, given)
        self._ask(Request(do="apply", fault=fault, parameters=given, upstream=upstream))

    def heal(self, fault: str = "", upstream: str = "") -> tuple[FaultCount, ...]:
        """Heal a fault, or all, of an upstream, or of all; what was at work there until now, with its counts."""
        before = self._active(upstream)
        healed = self._ask(Request(do="heal", fault=fault, upstream=upstream)).counts
        found = [each.fault(name) for each in healed for name in before.get(each.upstream, ()) if fault in ("", name)]
        return tuple(each for each in found if each is not None)

    def counts(self, upstream: str = "") -> tuple[UpstreamCount, ...]:
        """Count what went through, and what each fault touched: those at work, and those that were."""
        return self._ask(Request(do="counts", upstream=upstream)).counts

    def stop(self) -> None:
        """End the proxy and every connection through it; safe to call twice and after its death."""
        if self._socket is not None:
            with contextlib.suppress(NineamError, subprocess.TimeoutExpired):
                self._ask(Request(do="stop"))
                self._process.wait(STOP_TIMEOUT_S)  # before its input ends, which would cut its own end short
            if self._lines is not None:
                self._lines.close()
            self._socket.close()
            self._socket = None
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _begin(self, plan: ProxyPlan) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(msgspec.json.encode(plan) + b"\n")
            self._process.stdin.flush()
        readable, _, _ = select.select([self._process.stdout], [], [], START_TIMEOUT_S)
        line = self._process.stdout.readline() if readable else b""
        reply = self._understood(line)
        self.ports, self._directory = reply.ports, Path(reply.directory)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(REPLY_TIMEOUT_S)
        try:
            self._socket.connect(str(self._directory / SOCKET))
        except OSError as problem:
            raise self._died(f"its control socket cannot be reached: {problem}") from None
        self._lines = self._socket.makefile("rb")
        self._ask(Request(do="hello", token=plan.token))

    def _active(self, upstream: str) -> dict[str, list[str]]:
        return {count.upstream: [each.fault for each in count.faults if each.active] for count in self.counts(upstream)}

    def _ask(self, request: Request) -> Reply:
        if self._socket is None or self._lines is None:
            raise NineamError("the fault proxy is not running")
        try:
            with self._one_at_a_time:
                self._socket.sendall(msgspec.json.encode(request) + b"\n")
                line = self._lines.readline()
        except OSError as problem:
            raise self._died(str(problem)) from None
        return self._understood(line)

    def _understood(self, line: bytes) -> Reply:
        if not line:
            raise self._died("it said nothing")
        reply = msgspec.json.decode(line, type=Reply)
        if reply.message:
            kind = UsageError if reply.exit_code == ExitCode.USAGE else NineamError
            raise kind(reply.message, details=reply.details, hint=reply.hint)
        return reply

    def _died(self, why: str) -> NineamError:
        code = self._process.poll()
        how = f"the fault proxy died with exit code {code}" if code is not None else f"the fault proxy failed: {why}"
        self._errors.seek(0)
        said = self._errors.read()[-SHOWN_CHARACTERS:].decode("utf-8", "replace")
        return NineamError(how, details=said.splitlines(), hint="connections through it are gone; start another")
