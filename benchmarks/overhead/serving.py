"""Servers, one for each watcher, all running at once; only one is asked at a time."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.cores import pinned_to
from benchmarks.overhead.applications import Application
from benchmarks.overhead.client import Client
from benchmarks.overhead.interpreter import Interpreter, other_agent
from benchmarks.overhead.watchers import OPENTELEMETRY, OTEL_ORM, Watcher, variables
from nineam.monday.observer import cpu_ns

APPS = Path(__file__).parent / "apps"
OURS = ("NINEAM_", "PYTHON", "OTEL_", "SENTRY_", "DJANGO_", "WATCHER", "SHELF_", "PYINSTRUMENT_")
PATIENCE_S = 60.0


class Place(NamedTuple):
    """What all servers of a sitting share: interpreter, core, folder, the agents' socket, the applications' data."""

    interpreter: Interpreter
    core: int | None
    folder: Path
    agent_socket: str
    data: dict[str, str]


class Served(NamedTuple):
    """A server that answers: its port, its client, and all of its processes."""

    watcher: Watcher
    port: int
    client: Client
    pids: tuple[int, ...]

    def cpu_ns(self) -> int:
        """Give the CPU time of its processes so far, in nanoseconds."""
        return cpu_ns(self.pids)


@contextlib.contextmanager
def serving(place: Place, application: Application, watcher: Watcher, connections: int) -> Iterator[Served]:
    """Run a server until the end of the block. Raises `RuntimeError`, with its output, when it does not come up."""
    port = _free_port()
    client = Client(port, connections)
    with (
        tempfile.TemporaryFile(dir=place.folder) as log,
        _process(place, application, watcher, port, log.fileno()) as process,
        contextlib.closing(client),
    ):
        try:
            _wait(process, client)
        except RuntimeError as error:
            log.seek(0)
            said = log.read().decode(errors="replace")[-3000:]
            raise RuntimeError(f"{application.name}, {watcher.name}: {error}\n{said}") from error
        yield Served(watcher, port, client, _family(process.pid))


def _family(pid: int) -> tuple[int, ...]:
    return (pid, *(child.pid for child in psutil.Process(pid).children(recursive=True)))


@contextlib.contextmanager
def _process(
    place: Place, application: Application, watcher: Watcher, port: int, log: int
) -> Iterator["subprocess.Popen[bytes]"]:
    before = [place.interpreter.program(watcher.program)] if watcher.before else []
    process = subprocess.Popen(
        [*pinned_to(place.core), *before, place.interpreter.python, *application.command(port)],
        env=_environment(place, application, watcher),
        cwd=APPS,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(place: Place, application: Application, watcher: Watcher) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    more = variables(watcher, place.agent_socket, str(APPS), other_agent())
    if watcher.name == OPENTELEMETRY and "sqlalchemy" in application.needs:
        more |= OTEL_ORM
    # no byte code beside the applications
    return {**clean, "PYTHONDONTWRITEBYTECODE": "1", **place.data, **application.environment, **more}


def _wait(process: "subprocess.Popen[bytes]", client: Client) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            client.ask("/seen")
        except OSError:
            client.close()
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the server does not answer") from None
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
