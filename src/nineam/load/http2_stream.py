"""One exchange of an HTTP/2 connection: its headers, the body that is still to be sent, the answer so far."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from nineam.load.outgoing import Outgoing
from nineam.load.response import Response
from nineam.load.uploads import Pump

Fields = tuple[tuple[bytes, bytes], ...]
OF_A_CONNECTION = frozenset(
    {b"connection", b"host", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
MARK = b"x-nineam-sent"


class Stream:
    """An exchange under way. `first` says that its connection was opened for it."""

    def __init__(self, number: int, response: Response, *, first: bool) -> None:
        self.number = number
        self.response = response
        self.first = first
        self.status = 0
        self.chunks: list[bytes] = []
        self._body = memoryview(b"")
        self._last = False
        self.sent_all = response.outgoing.upload is None and not response.outgoing.body
        self._pump: Pump | None = None

    def upload(
        self, outgoing: Outgoing, push: "Callable[[Stream], None]", broken: "Callable[[Stream, Exception], None]"
    ) -> None:
        """Begin to send a body piece by piece."""
        assert outgoing.upload is not None

        def write(piece: bytes) -> None:
            self.give(piece, last=False)
            push(self)

        def done() -> None:
            self._last = True
            push(self)

        length = int(outgoing.headers.get("content-length", "-1"))
        self._pump = Pump(outgoing.upload, length, write, done, lambda error: broken(self, error))

    def give(self, data: bytes, *, last: bool) -> None:
        """Have more of the body to send."""
        self._body = memoryview(bytes(self._body) + data) if self._body else memoryview(data)
        self._last = last

    def waiting(self) -> bool:
        """Whether there is something to send."""
        return bool(self._body) or (self._last and not self.sent_all)

    def needs_room(self) -> bool:
        """Whether what is to be sent next counts against the window; the end alone does not."""
        if self._body and self._pump is not None:
            self._pump.pause()
        return bool(self._body)

    def next_piece(self, most: int) -> tuple[bytes, bool]:
        """Take the next piece to send, and whether it is the last one."""
        piece, self._body = bytes(self._body[: max(0, most)]), self._body[max(0, most) :]
        self.sent_all = self._last and not self._body
        if not self._body and self._pump is not None:
            self._pump.resume()
        return piece, self.sent_all

    def take_head(self, headers: Iterable[Any]) -> None:
        """Take the head of the answer, in the form in which heads are kept."""
        lines = []
        for name, value in headers:
            if name == b":status":
                self.status = int(value)
            elif not name.startswith(b":"):
                lines.append(b"%b: %b\r\n" % (name, value))
        self.response.raw = b"HTTP/2 %d\r\n%b\r\n" % (self.status, b"".join(lines))

    def may_go_again(self) -> bool:
        """Whether the request can be sent once more, given that the server did nothing with it."""
        upload = self.response.outgoing.upload
        return not self.response.retried and (upload is None or upload.again)

    def close(self) -> None:
        """Send nothing more."""
        if self._pump is not None:
            self._pump.cancel()


def request_headers(head: bytes, extra: bytes, scheme: bytes, now_ns: int) -> list[tuple[bytes, bytes]]:
    """Give a request's head, written for HTTP/1.1, as HTTP/2 has it; `now_ns` is told to the application unless 0."""
    (method, authority, path), fields = _fields(head)
    found = [(b":method", method), (b":scheme", scheme), (b":authority", authority), (b":path", path), *fields]
    found += _lines(extra)
    if now_ns:
        found.append((MARK, b"%d" % now_ns))
    return found


@functools.lru_cache(maxsize=1024)
def _fields(head: bytes) -> tuple[tuple[bytes, bytes, bytes], Fields]:
    first, _, rest = head.partition(b"\r\n")
    method, path, _ = first.split(b" ", 2)
    host = next(value for name, value in _pairs(rest) if name == b"host")
    return (method, host, path), _lines(rest)


def _lines(text: bytes) -> Fields:
    return tuple((name, value) for name, value in _pairs(text) if name not in OF_A_CONNECTION)


def _pairs(text: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    for line in text.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            found.append((name.strip().lower(), value.strip()))
    return found
