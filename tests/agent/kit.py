"""A stand-in for the controller, and child processes that the agent rides in."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from nineam.collect.feed import Names, SeenRequest, unpack

wire: Any = import_module("nineam.agent.wire")

INJECT = str(files("nineam.agent").joinpath("inject"))
CHILDREN = Path(__file__).parent / "children"
TOKEN = "a-token"


class FakeController:
    """Listens on a socket of its own and keeps everything that agents say, in order."""

    def __init__(self) -> None:
        self._directory = tempfile.mkdtemp(prefix="nineam-test-")
        self.path = f"{self._directory}/agent.sock"
        self.hellos: list[dict[str, Any]] = []
        self.requests: list[SeenRequest] = []
        self.said: list[tuple[int, Any]] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()

    def __enter__(self) -> "FakeController":
        accepting = threading.Thread(target=self._accept, daemon=True)
        accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self._listener.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def settle(self) -> None:
        """Wait until every agent that has connected is gone and all it said is here."""
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self.path)
            last.shutdown(socket.SHUT_WR)
            last.recv(1)  # answered by closing: everybody who came before has been let in
        for thread in self._threads:
            thread.join(10)

    def events(self, kind: int) -> list[Any]:
        """The JSON frames of one kind."""
        return [value for said, value in self.said if said == kind]

    def request(self, endpoint: str) -> SeenRequest:
        """The only request of an endpoint."""
        (found,) = [request for request in self.requests if request.endpoint == endpoint]
        return found

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._read, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _read(self, connection: socket.socket) -> None:
        names = Names()
        with connection, connection.makefile("rb") as stream:
            while len(head := stream.read(wire.FRAME.size)) == wire.FRAME.size:
                length, kind = wire.FRAME.unpack(head)
                self._take(kind, stream.read(length), names)

    def _take(self, kind: int, payload: bytes, names: Names) -> None:
        if kind == wire.REQUESTS:
            self.requests.extend(unpack(payload, names))
            return
        value = json.loads(payload)
        if kind == wire.HELLO:
            self.hellos.append(value)
        elif kind == wire.DEFINE:
            names.define(*value)
        self.said.append((kind, names.resolved(kind, value)))


def environment(socket_path: str, **more: str) -> dict[str, str]:
    """This process's environment with the agent in it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("NINEAM_", "PYTHON"))}
    return {
        **clean,
        "PYTHONPATH": INJECT,
        "NINEAM_SOCKET": socket_path,
        "NINEAM_TOKEN": TOKEN,
        "NINEAM_ROOT": str(CHILDREN),
        **more,
    }


def run(
    arguments: list[str], env: Mapping[str, str], python: str = sys.executable, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a Python child to its end."""
    return subprocess.run(
        [python, *arguments], env=dict(env), capture_output=True, text=True, timeout=timeout, check=False, cwd="/"
    )


def listens(port: int) -> bool:
    """Whether a server listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answer_of(arguments: list[str], env: Mapping[str, str]) -> Any:
    """The JSON on the last line of a child's output; the child must end well and say nothing on stderr."""
    child = run(arguments, env)
    assert child.returncode == 0, child.stdout + child.stderr
    assert child.stderr == "", child.stderr
    return json.loads(child.stdout.splitlines()[-1])


def sum_of_layers(request: SeenRequest) -> int:
    """All the time that some layer owned."""
    return sum(request.layers.values())


def milliseconds(request: SeenRequest, *layers: str) -> float:
    """Time in some layers together."""
    return sum(request.layers.get(layer, 0) for layer in layers) / 1e6
