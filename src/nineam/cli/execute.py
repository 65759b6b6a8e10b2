"""Runs a session from the command line's side: the run file, the live view, Ctrl-C, and the reports after it."""

import asyncio
import contextlib
import os
import platform
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from nineam.cli.document import document
from nineam.cli.exporting import epoch_ns, exporting
from nineam.cli.main import show
from nineam.cli.outputs import Wanted, check_wanted, exit_code, write
from nineam.errors import ApplicationError, ExitCode, NineamError
from nineam.live.view import listening
from nineam.model import RunDocument
from nineam.monday.events import Event
from nineam.monday.session import run_session
from nineam.monday.setup import Setup
from nineam.store.reader import read, ticks
from nineam.store.writer import Writer

RUNS = Path(".nineam")
Result = TypeVar("Result")
Prove = Callable[[Path], None]


def execute(setup: Setup, wanted: Wanted, out: Path, meta: dict[str, Any], prove: Prove | None = None) -> ExitCode:
    """Run the session, then report; what is returned is the process's exit code.

    `prove` adds indexes to the run file before it is reported; a run with clones proves them there.
    """
    check_wanted(wanted)
    console = Console(stderr=True)
    path = out / f"run-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.db"
    writer = Writer(path)
    error = _kept(setup, writer, console, wanted, about() | meta)
    if error is None:
        error = _proved(setup, path, wanted, prove)
    run = read(path)
    if error is not None and not any(phase.kind in ("localhost", "monday") for phase in run.phases):
        path.unlink(missing_ok=True)
        raise error
    result = document(run)
    write(result, wanted, Console(), lambda: ticks(path))
    return _conclude(result, error, path)


def _proved(setup: Setup, path: Path, wanted: Wanted, prove: Prove | None) -> NineamError | None:
    """Prove indexes where there is a clone for them; an interrupt ends that, and the run is reported."""
    if setup.clones is not None and prove is None:
        from nineam.cli.index_run import prove_grown  # noqa: PLC0415 - a parser of SQL, which most runs do not need

        prove = partial(prove_grown, setup=setup, quiet=wanted.quiet)
    try:
        if prove is not None:
            prove(path)
    except KeyboardInterrupt:
        return InterruptedRunError()
    return None


def _kept(setup: Setup, writer: Writer, console: Console, wanted: Wanted, facts: dict[str, Any]) -> NineamError | None:
    """Run and write it down; that it could not all be written is an error of the run too."""
    error = None
    try:
        for key, value in facts.items():
            writer.meta(key, value)
        writer.commit()
        error = _run(setup, writer, console, wanted)
        writer.close()
    except sqlite3.Error as problem:
        with contextlib.suppress(sqlite3.Error):
            writer.close()
        if not isinstance(error, InterruptedRunError):
            error = NineamError(
                f"cannot write on in the run file {writer.path}: {problem}",
                hint="is the disk full? What was measured before that is reported",
            )
    return error


def _run(setup: Setup, writer: Writer, console: Console, wanted: Wanted) -> NineamError | None:
    """Run to the end; an error of the run itself is returned, because there may be something to report."""
    try:
        with exporting(wanted.exports, writer) as export, listening(console, quiet=wanted.quiet) as listener:

            def hear(event: Event) -> None:
                listener(event)
                export(event)

            asyncio.run(interruptible(run_session(setup, writer, hear)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        writer.meta("interrupted", True)
        return InterruptedRunError()
    except NineamError as error:
        if isinstance(error, ApplicationError):
            writer.meta("died", error.message)
        return error
    return None


async def interruptible(work: Coroutine[Any, Any, Result]) -> Result:
    """Let the first Ctrl-C cancel `work` and ignore the ones after it, which would only cut the cleaning up short.

    What is cleaned up ends in any case: every process gets its grace period and is then killed.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def once() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        task.cancel()

    loop.add_signal_handler(signal.SIGINT, once)
    result = await work
    loop.remove_signal_handler(signal.SIGINT)
    return result


class InterruptedRunError(NineamError):
    """Ctrl-C: what was measured until then is kept."""

    exit_code = ExitCode.INTERRUPTED

    def __init__(self) -> None:
        super().__init__("interrupted", hint="nothing had been measured yet")


def _conclude(result: RunDocument, error: NineamError | None, path: Path) -> ExitCode:
    if isinstance(error, InterruptedRunError):
        click.echo(f"interrupted; what was measured is in {path}", err=True)
        return ExitCode.INTERRUPTED
    if error is not None:
        show(error)
        return error.exit_code
    return exit_code(result)


def about() -> dict[str, Any]:
    """Facts about this machine and the moment."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "epoch_ns": epoch_ns(),
        "machine": {
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
            "python": platform.python_version(),
            "os": f"{platform.system()} {platform.release()}",
        },
    }


def git(cwd: Path) -> dict[str, Any] | None:
    """Return the commit of the application's repository, or None outside one."""
    try:
        commit = _git(cwd, "rev-parse", "HEAD")
        dirty = bool(_git(cwd, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit, "dirty": dirty}


def _git(cwd: Path, *arguments: str) -> str:
    command = ["git", "-C", str(cwd), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
