"""An HTTP dependency hangs: before it answers, or after the head of its answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from nineam.faults.http_requests import HttpFault, Requests
from nineam.faults.kinds.stall import Holding
from nineam.faults.way import Stage, Way

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link

HEAD_ENDS = b"\r\n\r\n"
INTERIM = b"HTTP/1.1 1"


class HttpHang(HttpFault, frozen=True, kw_only=True):
    """Holds answers back behind their head, or wholly with `after = "request"`; healing delivers them."""

    NAME = "http_hang"

    after: Literal["headers", "request"] = "headers"

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Look at requests, and hold the answers of those that are hit."""
        hanging = Hanging(link.down, injection, after_head=self.after == "headers")
        return Watching(link, injection, self, hanging), hanging


class Watching(Requests):
    """Passes every request on, and has the answers of some held."""

    __slots__ = ("_hanging",)

    def __init__(self, link: "Link", injection: "Injection", fault: HttpHang, hanging: "Hanging") -> None:
        super().__init__(link, injection, fault)
        self._hanging = hanging

    def begun(self) -> bool:
        """Have the next answer held."""
        self._injection.touch(self.way.link)
        self._hanging.armed = True
        return True


class Hanging(Holding):
    """Passes data until it is `armed`, then at most a head."""

    __slots__ = ("_after_head", "_head", "armed")

    def __init__(self, way: Way, injection: "Injection", *, after_head: bool) -> None:
        super().__init__(way, injection)
        self._after_head, self._head, self.armed = after_head, b"", False

    def feed(self, data: bytes) -> None:
        """Pass data, or keep them."""
        if not self.armed:
            self.forward(data)
        elif self._after_head and data:
            self._pass_head(data)
        else:
            super().feed(data)

    def release(self) -> None:
        """Deliver what was kept, and the beginning of a head."""
        if self._head:
            self.forward(self._head)
        super().release()

    def _pass_head(self, data: bytes) -> None:
        self._head += data
        while self._after_head and HEAD_ENDS in self._head:
            end = self._head.index(HEAD_ENDS) + len(HEAD_ENDS)
            head, self._head = self._head[:end], self._head[end:]
            self._after_head = head.startswith(INTERIM)
            self.forward(head)
        if not self._after_head and self._head:
            rest, self._head = self._head, b""
            super().feed(rest)
