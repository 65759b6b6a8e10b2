"""The front door: nineam as a user starts it, in a process of its own, and a venv that has never heard of it."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, settings

NINEAM = Path(sys.executable).parent / "nineam"
LIMIT_S = 60.0
HIDDEN_FROM_APPLICATIONS = ("VIRTUAL_ENV", "PYTHONPATH", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM")
OTHER_VENV_NEEDS = (
    "django", "djangorestframework", "fastapi", "flask", "gunicorn", "sqlalchemy", "starlette", "uvicorn",
)  # fmt: skip
# How fast examples are made belongs to the machine: the first text in a new clone waits for a table of Unicode.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

SHORT = (
    "--localhost-time",
    "1.5",
    "--stair-time",
    "1",
    "--after-time",
    "1",
    "--observer-time",
    "0",
    "--capacity-time",
    "0",
    "--proof-time",
    "0",
)
"""Phases just long enough to count something."""


@dataclass(frozen=True)
class Outcome:
    """How one call of nineam ended."""

    code: int
    out: str
    err: str

    def refuses(self, code: int, *words: str, hint: bool = True) -> None:
        """Assert a refusal: this exit code, all of these words on stderr, a next step, and never a traceback."""
        assert "Traceback" not in self.out + self.err
        assert "bug in nineam" not in self.err, self.err
        assert self.code == code, self.err
        missing = [word for word in words if word not in self.err]
        assert not missing, f"{missing} not in:\n{self.err}"
        assert not hint or "hint: " in self.err, self.err


class Started:
    """A nineam that is still running; what it says goes to files, so that nobody waits on its children's pipes."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path, err: Path) -> None:
        self.process = process
        self.pid = process.pid
        self._out = out
        self._err = err

    def said(self) -> str:
        """Return what it has written on stderr until now."""
        return self._err.read_text("utf-8", "replace")

    def descendants(self) -> tuple[psutil.Process, ...]:
        """Return every process below it."""
        return tuple(psutil.Process(self.pid).children(recursive=True))

    def outcome(self, limit_s: float = LIMIT_S) -> Outcome:
        """Wait until it has ended; kills it and fails when it does not."""
        try:
            code = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"nineam was still running after {limit_s:g} s; it said:\n{self.said()}")
        return Outcome(code=code, out=self._out.read_text("utf-8", "replace"), err=self.said())

    def kill(self) -> None:
        """End it the hard way; its guard ends what is below."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


Start = Callable[..., Started]
Nineam = Callable[..., Outcome]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what nineam starts with: nothing of this test run's own interpreter or terminal."""
    return {name: value for name, value in os.environ.items() if name not in HIDDEN_FROM_APPLICATIONS} | dict(
        extra or {}
    )


def _start(arguments: Sequence[str], cwd: Path, scratch: Path, env: Mapping[str, str] | None) -> Started:
    out, err = scratch / "stdout", scratch / "stderr"
    with out.open("wb") as out_file, err.open("wb") as err_file:
        process = subprocess.Popen(
            [str(NINEAM), *arguments],
            cwd=cwd,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=out_file,
            stderr=err_file,
            start_new_session=True,
        )
    return Started(process, out, err)


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Start nineam and do not wait for it; whoever launches it has to end it."""

    def begin(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Started:
        assert NINEAM.exists(), "nineam has to be installed beside this interpreter"
        return _start(arguments, cwd, tmp_path_factory.mktemp("said"), env)

    return begin


@pytest.fixture
def start(launch: Start) -> Iterator[Start]:
    """Start nineam and do not wait for it; whatever is left at the end of the test is killed."""
    started: list[Started] = []

    def begin(*arguments: str, **options: Any) -> Started:
        started.append(launch(*arguments, **options))
        return started[-1]

    yield begin
    for each in started:
        each.kill()


@pytest.fixture(scope="session")
def nineam(launch: Start) -> Nineam:
    """Call nineam and wait for its end: `nineam("run", "module:app", cwd=folder)`."""

    def call(*arguments: str, limit_s: float = LIMIT_S, **options: Any) -> Outcome:
        return launch(*arguments, **options).outcome(limit_s)

    return call


@dataclass(frozen=True)
class Shown:
    """What a terminal received, and how the call ended."""

    code: int
    raw: bytes
    cooked_before: bool
    cooked_after: bool

    @property
    def text(self) -> str:
        """What it received without the control sequences."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw.decode("utf-8", "replace"))


Terminal = Callable[..., Shown]


@pytest.fixture
def terminal() -> Terminal:
    """Call nineam in a terminal of its own and return everything the terminal received."""

    def call(*arguments: str, cwd: Path, limit_s: float = LIMIT_S, interrupt_at: bytes = b"") -> Shown:
        controller, worker = pty.openpty()
        before = _cooked(worker)
        process = subprocess.Popen(
            [str(NINEAM), *arguments],
            cwd=cwd,
            env=environment({"TERM": "xterm-256color", "COLUMNS": "110", "LINES": "40"}),
            stdin=worker,
            stdout=worker,
            stderr=worker,
            start_new_session=True,
        )
        try:
            raw = _everything(process, controller, limit_s, interrupt_at)
            return Shown(code=process.wait(1), raw=raw, cooked_before=before, cooked_after=_cooked(worker))
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            os.close(worker)
            os.close(controller)

    return call


def _cooked(descriptor: int) -> bool:
    """Whether a terminal echoes and edits lines, as a shell expects to find it."""
    import termios

    local = termios.tcgetattr(descriptor)[3]
    return bool(local & termios.ECHO) and bool(local & termios.ICANON)


def _everything(process: subprocess.Popen[bytes], controller: int, limit_s: float, interrupt_at: bytes) -> bytes:
    """Read until the process has ended and the terminal is silent."""
    raw = b""
    deadline = time.monotonic() + limit_s
    while True:
        ended = process.poll() is not None
        readable, _, _ = select.select([controller], [], [], 0.0 if ended else 0.1)
        if readable:
            raw += os.read(controller, 65536)
        elif ended:
            return raw
        if interrupt_at and interrupt_at in raw:
            process.send_signal(signal.SIGINT)
            interrupt_at = b""
        assert time.monotonic() < deadline, raw.decode("utf-8", "replace")


Wait = Callable[[Callable[[], object], float], None]


@pytest.fixture(scope="session")
def until() -> Wait:
    """Poll a condition until it holds; fail after the deadline."""

    def wait(condition: Callable[[], object], limit_s: float = 30.0) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, "the condition did not hold in time"
            select.select([], [], [], 0.05)

    return wait


@pytest.fixture(scope="session")
def short() -> tuple[str, ...]:
    """Return the options that make a run short."""
    return SHORT


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Find a port that nobody listens on at this moment."""

    def find() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return int(listener.getsockname()[1])

    return find


@pytest.fixture(scope="session")
def other_python(pytestconfig: pytest.Config) -> Path:
    """Return the interpreter of a venv with web frameworks and without nineam; made once and kept in pytest's cache."""
    assert pytestconfig.cache is not None
    name = f"venv-{sys.version_info[0]}.{sys.version_info[1]}"
    folder = Path(pytestconfig.cache.mkdir("nineam")) / name
    python, complete = folder / "bin" / "python", folder / "complete"
    with folder.with_suffix(".lock").open("w") as lock:  # one of several test processes makes it, the others wait
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists() or complete.read_text() != " ".join(OTHER_VENV_NEEDS):
            problem = _make_venv(folder, python)
            if problem:
                pytest.skip(f"no venv for the applications: {problem}")
            complete.write_text(" ".join(OTHER_VENV_NEEDS))
    return python


def _make_venv(folder: Path, python: Path) -> str:
    """Make the venv; why it could not be made, or nothing."""
    commands = (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *OTHER_VENV_NEEDS],
    )
    for command in commands:
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300, check=False)
            if done.returncode == 0:
                continue
            return (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        return "the package index did not answer in time"
    return ""
