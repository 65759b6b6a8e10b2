"""One application on its real server, with the agent aboard, and somebody who keeps what the agent says."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.attribution import databases
from benchmarks.attribution.stacks import Cell
from benchmarks.programs import ROOT
from benchmarks.servers import running

HERE = Path(__file__).parent


@contextlib.contextmanager
def serving(cell: Cell) -> Iterator[tuple[int, list[Any]]]:
    """Serve until the end of the block; yields the port and the agent's records, complete after the block."""
    from tests.agent.kit import FakeController  # noqa: PLC0415 - not a package that is installed

    port = _free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeController() as controller,
        running("benchmarks.attribution.sleeper", core=None) as sleeper,
        _database(cell.database, folder),
    ):
        environment = os.environ | {
            "PYTHONPATH": str(files("nineam.agent").joinpath("inject")),
            "NINEAM_SOCKET": controller.path,
            "NINEAM_TOKEN": "a-token",
            "NINEAM_ROOT": str(HERE),
            "ATTRIBUTION_DATA": cell.data,
            "ATTRIBUTION_DATABASE": cell.database,
            "ATTRIBUTION_SLEEPER": sleeper.base_url,
        }
        command = [sys.executable, "-W", "ignore", "-m", *(part.format(port=port) for part in cell.stack.command)]
        with _process(command, environment, port):
            yield port, controller.requests
        controller.settle()


@contextlib.contextmanager
def _database(kind: str, folder: str) -> Iterator[None]:
    os.environ["ATTRIBUTION_SQLITE"] = f"{folder}/attribution.db"
    os.environ["ATTRIBUTION_NAME"] = f"attribution_{os.getpid()}"
    databases.prepare(kind)
    try:
        yield
    finally:
        databases.forget(kind)


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
        try:
            if not _listens(port, process):
                raise RuntimeError("does not listen")
            yield
        except RuntimeError as error:
            said.seek(0)
            raise RuntimeError(f"{error}; {' '.join(command)} said: {said.read().decode()[-4000:]}") from error
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def _listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
