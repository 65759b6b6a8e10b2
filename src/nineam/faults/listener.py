"""The port that the application connects to: open, refusing, or swallowing every attempt."""

import asyncio
import contextlib
import ctypes
import errno
import socket
import struct
from collections.abc import Callable
from typing import Literal

from nineam.errors import NineamError, UsageError

HOST = "127.0.0.1"
BACKLOG = 4096
ACCEPTED_AT_ONCE = 64
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
REST_S = 0.05

# Linux, include/uapi/asm-generic/socket.h and linux/sock_diag.h
SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27
SO_MEMINFO = 55
MEMINFO = struct.Struct("@9I")
MEMINFO_DROPS = 8
DROP_EVERYTHING = struct.pack("@HBBI", 0x06, 0, 0, 0)
"""One instruction of classic BPF: return, having accepted 0 bytes."""
FILTER_PROGRAM = struct.Struct("@HP")

State = Literal["refuse", "swallow"]
Accepted = Callable[[socket.socket], None]


class Listener:
    """Listens on a loopback port, and keeps it while it refuses. Raises UsageError when it is taken."""

    def __init__(self, loop: asyncio.AbstractEventLoop, accepted: Accepted, port: int = 0) -> None:
        self._loop, self._accepted = loop, accepted
        self._keeps = _bound(port)  # never listens: the port stays ours, and who connects is refused
        self.port = int(self._keeps.getsockname()[1])
        self._socket: socket.socket | None = None
        self._wanted: dict[str, State] = {}
        self._swallowed_before = 0
        self._open()

    def want(self, who: str, state: State | None) -> None:
        """Refuse or swallow attempts to connect as long as anybody wants it; None to want it no more.

        Refusing comes first, and resets those that nobody accepted yet. Attempts that were swallowed come through when
        their system tries the next time. Raises NineamError where the system cannot swallow them.
        """
        self._wanted.pop(who, None)
        if state is not None:
            self._wanted[who] = state
        if "refuse" in self._wanted.values():
            self._shut()
            return
        found = self._open()
        if "swallow" in self._wanted.values():
            try:
                _swallow(found)
            except NineamError:
                del self._wanted[who]
                raise
        else:
            with contextlib.suppress(OSError):
                found.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)

    def swallowed(self) -> int:
        """Count the attempts that were left unanswered, repeated ones included; 0 where the system does not tell."""
        return self._swallowed_before + (_drops(self._socket) if self._socket is not None else 0)

    def close(self) -> None:
        """Give the port up."""
        self._shut()
        self._keeps.close()

    def _open(self) -> socket.socket:
        if self._socket is None:
            self._socket = _bound(self.port)
            self._socket.listen(BACKLOG)
            self._loop.add_reader(self._socket, self._accept)
        return self._socket

    def _rest(self, listening: socket.socket) -> None:
        """Wait for descriptors instead of being told without end that somebody wants one."""

        def go_on() -> None:
            if self._socket is listening:
                self._loop.add_reader(listening, self._accept)

        self._loop.remove_reader(listening)
        self._loop.call_later(REST_S, go_on)

    def _shut(self) -> None:
        if self._socket is not None:
            self._swallowed_before += _drops(self._socket)
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            if self._socket is None:
                return
            try:
                connection, _ = self._socket.accept()
            except OSError as problem:  # nobody is left, or has gone again
                if problem.errno in EXHAUSTED:
                    self._rest(self._socket)
                return
            connection.setblocking(False)
            self._accepted(connection)


def _swallow(listening: socket.socket) -> None:
    instruction = ctypes.create_string_buffer(DROP_EVERYTHING, len(DROP_EVERYTHING))
    program = FILTER_PROGRAM.pack(1, ctypes.addressof(instruction))
    try:
        listening.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
    except OSError as problem:
        raise NineamError(
            f"attempts to connect cannot be left unanswered on this system: {problem}", hint="Linux can; or use stall"
        ) from None


def _drops(listening: socket.socket) -> int:
    try:
        return int(MEMINFO.unpack(listening.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, MEMINFO.size))[MEMINFO_DROPS])
    except (OSError, struct.error):
        return 0


def _bound(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setblocking(False)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind((HOST, port))
    except OSError as problem:
        found.close()
        raise UsageError(f"cannot listen on {HOST}:{port}: {problem.strerror}", hint="leave the port at 0") from None
    return found
