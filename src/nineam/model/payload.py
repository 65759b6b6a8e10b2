"""Hostile requests: what somebody may send that an application did not account for, and what came of it."""

from typing import Literal

from nineam.model.record import Record

Part = Literal["path", "query", "head", "body", "framing"]
Origin = Literal["built-in", "schemathesis"]
FRAMING = ("content-length", "transfer-encoding")
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_USUAL = (("user-agent", "nineam"), ("accept", "*/*"))


class Chunk(Record, frozen=True):
    """A piece of a body: `data`, so many `times` in a row. Large bodies stay small on disk and on paper."""

    data: bytes
    times: int = 1


class Payload(Record, frozen=True, kw_only=True):
    """One request that is wrong in one `part`, in the way that `what` says; `endpoint` is what it is aimed at.

    `path` and the pieces of `query` are encoded already, header values are Latin-1. A body's length is told unless
    a header frames it. `also` are statuses from 500 on that are right, closing without an answer is when it
    `may_close`; `ends` closes the way to the server behind the request.
    """

    id: str
    endpoint: str
    part: Part
    what: str
    method: str
    path: str
    query: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[Chunk, ...] = ()
    also: tuple[int, ...] = ()
    may_close: bool = False
    ends: bool = False
    origin: Origin = "built-in"

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        return b"".join(chunk.data * chunk.times for chunk in self.body)

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{'&'.join(self.query)}" if self.query else self.path

    @property
    def framed(self) -> bool:
        """Whether its headers say themselves where the body ends."""
        return any(name in FRAMING for name, _ in self.headers)

    def over_the_wire(self, host: str, extra: tuple[tuple[str, str], ...] = (), prefix: str = "") -> bytes:
        """Give the bytes that are sent; `extra` headers (a login) replace those of the same name.

        `prefix` is the path below which the application is.
        """
        content, replaced = self.content, {name for name, _ in extra}
        lines = [(name, value) for name, value in self.headers if name not in replaced] + list(extra)
        there = {name for name, _ in lines}
        lines = [("host", host), *(line for line in _USUAL if line[0] not in there), *lines]
        if not self.framed and (content or self.method in WITH_BODY):
            lines.append(("content-length", str(len(content))))
        lines.append(("connection", "close"))
        head = f"{self.method} {prefix}{self.target} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines
        )
        return head.encode("latin-1", "replace") + b"\r\n" + content
