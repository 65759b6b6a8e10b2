"""Stands in for nineam's controller: reads what agents send, on the generators' core, and drops it unless asked."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from nineam.agent import wire
from nineam.collect.feed import Names, SeenRequest, unpack


class Seen(NamedTuple):
    """One request as an agent told it: how many layers own time in it, its statements, and those with a line.

    `samples_hz` is how often the agent said that it looks at its process.
    """

    layers: int
    statements: int
    with_lines: int
    samples_hz: int


class Listener:
    """A socket that agents connect to; the requests they tell of are kept in `seen` while `keeping`."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.keeping = False
        self.seen: list[Seen] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.path)
        self._socket.listen()

    def accept(self) -> None:
        """Let agents in until the socket is shut."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def shut(self) -> None:
        """Let nobody in any more; whoever is inside may finish."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self, connection: socket.socket) -> None:
        names, hz = Names(), 0
        with connection, connection.makefile("rb") as stream, contextlib.suppress(OSError):
            while len(head := stream.read(wire.FRAME.size)) == wire.FRAME.size:
                length, kind = wire.FRAME.unpack(head)
                payload = stream.read(length)
                if kind == wire.DEFINE:
                    names.define(*msgspec.json.decode(payload))
                elif kind == wire.SAMPLER:
                    hz = int(msgspec.json.decode(payload)["hz"])
                elif kind == wire.REQUESTS and self.keeping:
                    self.seen += [_seen(request, hz) for request in unpack(payload, names)]


def _seen(request: SeenRequest, hz: int) -> Seen:
    queries = request.queries
    with_lines = sum(query.count for query in queries if query.site)
    return Seen(len(request.layers), sum(query.count for query in queries), with_lines, hz)


@contextlib.contextmanager
def listening(path: Path) -> Iterator[Listener]:
    """Listen until the end of the block."""
    listener = Listener(path)
    threading.Thread(target=listener.accept, daemon=True).start()
    try:
        yield listener
    finally:
        listener.shut()
