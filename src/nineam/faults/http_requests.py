"""Requests of HTTP/1 in what the application says: which of them a fault is for."""

import abc
import fnmatch
from typing import TYPE_CHECKING, Annotated

import httptools
import msgspec

from nineam.faults.fault import PartialFault, Share
from nineam.faults.way import Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link

LONGEST_HEAD = 65_536
Pattern = Annotated[str, msgspec.Meta(max_length=1000)]


class HttpFault(PartialFault, frozen=True, kw_only=True):
    """A fault of some requests: those to `path` (`*` and `?` as in file names; empty for all), with this `method`.

    Of these `share` is hit, drawn for each. What is not HTTP/1, TLS among it, passes untouched.
    """

    path: Pattern = ""
    method: Pattern = ""
    share: Share = 1.0

    def is_for(self, method: str, path: str) -> bool:
        """Whether it is for such a request, were chance on its side."""
        return self.method.upper() in ("", method) and (not self.path or fnmatch.fnmatchcase(path, self.path))


class Requests(Stage, abc.ABC):
    """Finds requests in what the application says. A request that `begun` returns False for is not passed on.

    On a connection that is in the middle of a request it begins with the next one, once the dependency has spoken.
    Requests sent without waiting for answers (pipelining) are not told apart.
    """

    __slots__ = (
        "_fault",
        "_foreign",
        "_hit",
        "_injection",
        "_method",
        "_midway",
        "_parser",
        "_passes",
        "_pending",
        "_url",
    )

    def __init__(self, link: "Link", injection: "Injection", fault: HttpFault) -> None:
        super().__init__(link.up)
        self._injection, self._fault = injection, fault
        self._midway = link.up.flights if link.turn is link.up else 0
        self._parser = httptools.HttpRequestParser(self)
        self._pending: list[bytes] = []
        self._passes: bool | None = None  # not decided before the head is complete
        self._foreign = False
        self._method = self._url = b""

    def feed(self, data: bytes) -> None:
        """Look at data, and pass them on once it is known whether they may."""
        if self._foreign or (self._midway and self._midway == self.way.flights):
            self.forward(data)
            return
        self._midway = 0
        self._pending.append(data)
        if not data:
            self.release()
            return
        self._parse(data)
        if self._foreign or self._passes:
            self.release()
        elif self._passes is False:
            self._pending.clear()
        elif sum(map(len, self._pending)) > LONGEST_HEAD:
            self._foreign = True
            self.release()
        self.looked()

    def release(self) -> None:
        """Pass on what is undecided."""
        pending, self._pending = self._pending, []
        for data in pending:
            self.forward(data)

    def drop(self) -> None:
        """Forget it."""
        self._pending.clear()

    @abc.abstractmethod
    def begun(self) -> bool:
        """Take it that a request is hit; whether it is passed on."""

    def ended(self, method: bytes, *, stays: bool) -> None:
        """Take it that a request which was not passed on is complete; `stays` says whether the connection does."""

    def looked(self) -> None:
        """Take it that all of a piece was looked at."""

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._foreign = self._passes is not False
        except httptools.HttpParserError:
            self._foreign = True

    # --- what the parser calls ---

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._passes, self._url = None, b""

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        self._url += url

    def on_headers_complete(self) -> None:
        """Decide."""
        self._method = self._parser.get_method()
        hit = self._fault.is_for(self._method.decode("latin-1"), _path(self._url))
        self._passes = self.begun() if hit and self._injection.choice.random() < self._fault.share else True

    def on_message_complete(self) -> None:
        """End a request."""
        if self._passes is False:
            self.ended(self._method, stays=self._parser.should_keep_alive())


def _path(url: bytes) -> str:
    try:
        return (httptools.parse_url(url).path or b"/").decode("latin-1")
    except httptools.HttpParserError:
        return ""
