"""The half of a connection that sends bodies piece by piece; ordinary requests never come here."""

import abc
import asyncio
import time

from nineam.load import failures
from nineam.load.response import Response
from nineam.load.uploads import Pump

clock = time.perf_counter_ns


class Sending(asyncio.Protocol, abc.ABC):
    """A connection's exchange under way, `response`, and what is still to be sent of its body."""

    __slots__ = ("_pump", "_transport", "response")

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self.response: Response | None = None
        self._pump: Pump | None = None

    @abc.abstractmethod
    def fail(self, kind: str) -> None:
        """Give up the exchange under way and close."""

    def pause_writing(self) -> None:
        """Send no more of a body for now: the server does not read."""
        if self._pump is not None:
            self._pump.pause()

    def resume_writing(self) -> None:
        """Go on sending a body."""
        if self._pump is not None:
            self._pump.resume()

    def _stop_sending(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None

    def _write_chunk(self, piece: bytes) -> None:
        self._write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def _write(self, data: bytes) -> None:
        if self.response is not None and not self._transport.is_closing():
            self.response.bytes_sent += len(data)
            self._transport.write(data)

    def _sent_body(self) -> None:
        response = self.response
        if response is not None:
            if "content-length" not in response.outgoing.headers:
                self._write(b"0\r\n\r\n")
            response.sending_ns = clock() - response.sent_ns

    def _broken_body(self, error: Exception) -> None:
        response = self.response
        if response is not None and isinstance(response.waiter, asyncio.Future) and not response.waiter.done():
            response.waiter.set_exception(error)  # the journey's own mistake, told where it was made
        self.fail(f"{failures.BODY}: {type(error).__name__}")
