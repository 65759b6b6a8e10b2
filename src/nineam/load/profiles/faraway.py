"""Stands between a connection and the socket, and lets what goes through travel over a line."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from nineam.load.profiles.line import Line, Pipe

MOST_UNSENT = 65_536
FEW_UNSENT = 16_384
NO_DESCRIPTOR = -1


class Faraway(asyncio.Protocol):
    """What the socket talks to: passes everything on to `protocol`, later. The socket is read as the line is free."""

    def __init__(self, protocol: asyncio.Protocol, line: Line) -> None:
        self.protocol = protocol
        self._line = line
        self._near = NearEnd(self)
        self._gone = self._told = self._waits_for_line = False
        self._error: Exception | None = None

    # --- what the socket calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection that is up."""
        line = self._line
        self.transport = cast("asyncio.Transport", transport)
        self.down = Pipe(line.down, line.round_trip_s / 2, self._arrived, self._all_arrived)
        self.up = Pipe(line.up, line.round_trip_s / 2, self._write, self._near.all_sent)
        self.protocol.connection_made(self._near)

    def data_received(self, data: bytes) -> None:
        """Let bytes travel, and read no more until the line is free."""
        self.down.put(data)
        loop = asyncio.get_running_loop()
        if self._line.down and self.down.free_at > loop.time() and not self.transport.is_closing():
            self._waits_for_line = True
            self.transport.pause_reading()
            loop.call_at(self.down.free_at, self._line_is_free)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell of the end after everything that came before it."""
        self._gone, self._error = True, exc
        self.up.close()
        if not self.down.waiting:
            self._tell_the_end()

    # --- what the near end calls ---

    @property
    def gone(self) -> bool:
        """Whether the socket is closed, or about to be."""
        return self._gone or self.transport.is_closing()

    def abort(self) -> None:
        """Close at once, whatever is on its way."""
        self.up.close()
        self.down.close()
        if self._gone:
            asyncio.get_running_loop().call_soon(self._tell_the_end)
        else:
            self.transport.abort()

    # --- inside ---

    def _line_is_free(self) -> None:
        if self._waits_for_line and not self.gone:
            self._waits_for_line = False
            self.transport.resume_reading()

    def _arrived(self, piece: bytes) -> None:
        if not self._told:
            self.protocol.data_received(piece)

    def _all_arrived(self) -> None:
        if self._gone:
            self._tell_the_end()

    def _write(self, piece: bytes) -> None:
        if not self.gone:
            self.transport.write(piece)

    def _tell_the_end(self) -> None:
        if not self._told:
            self._told = True
            self.protocol.connection_lost(self._error)


class NoSocket:
    """Stands in for the socket, which nobody may write to past the line."""

    def fileno(self) -> int:
        """Give what is no descriptor."""
        return NO_DESCRIPTOR


class NearEnd(asyncio.Transport):
    """What the connection talks to."""

    def __init__(self, far: Faraway) -> None:
        super().__init__()
        self._far = far
        self._closing = self._ends = self._full = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Give what the socket's transport knows, but not the socket."""
        return NoSocket() if name == "socket" else self._far.transport.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol take over."""
        self._far.protocol = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Give the connection."""
        return self._far.protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes over the line."""
        if self._closing or self._far.gone:
            return
        self._far.up.put(bytes(data))
        if not self._full and self._far.up.waiting > MOST_UNSENT:
            self._full = True
            asyncio.get_running_loop().call_soon(self._far.protocol.pause_writing)

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        """Send several pieces over the line."""
        self.write(b"".join(list_of_data))

    def all_sent(self) -> None:
        """Everything that was written has left."""
        if self._full:
            self._full = False
            self._far.protocol.resume_writing()
        if self._far.up.waiting or self._far.gone:
            return
        if self._closing:
            self._far.transport.close()
        elif self._ends:
            self._far.transport.write_eof()

    def can_write_eof(self) -> bool:
        """Whether the socket can be closed in one direction."""
        return self._far.transport.can_write_eof()

    def write_eof(self) -> None:
        """Close the way to the server once everything has left."""
        self._ends = True
        if not self._far.up.waiting:
            self.all_sent()

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self._closing or self._far.gone

    def close(self) -> None:
        """Close once everything has left."""
        self._closing = True
        if not self._far.up.waiting:
            self.all_sent()

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._far.abort()

    def pause_reading(self) -> None:
        """Read nothing for now."""
        self._far.down.hold()

    def resume_reading(self) -> None:
        """Read again."""
        self._far.down.release()

    def is_reading(self) -> bool:
        """Whether bytes may come."""
        return not self.is_closing()

    def get_write_buffer_size(self) -> int:
        """How many bytes have not left yet."""
        return self._far.up.waiting

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Keep to the own limits: a line holds what it holds."""
