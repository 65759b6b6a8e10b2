"""One request and its answer, as the journey sees it: nothing is decoded before it is asked for."""

import functools
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from nineam.load.decoding import DecodingError, decompress

if TYPE_CHECKING:
    from nineam.load.heads import KnownHead
    from nineam.load.outgoing import Outgoing

decode_json = msgspec.json.Decoder().decode
END_OF_HEAD = b"\r\n\r\n"


class AnswerError(ValueError):
    """An answer is not what the journey took it for; ends the iteration and is counted as a journey problem."""


class Headers(Mapping[str, str]):
    """Answer headers by name in any case; a name that was sent twice gives its values joined by a comma."""

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        self.lines = lines
        self._values: dict[str, str] = {}
        for name, value in lines:
            self._values[name] = f"{self._values[name]}, {value}" if name in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Response:
    """What came back. `status` is 0 and `error` says why when nothing did.

    The instants (`intended_ns`, `issued_ns`, `sent_ns`, `first_ns`, `end_ns`) are `time.perf_counter_ns`.
    """

    __slots__ = (
        "_headers",
        "_mentions",
        "answered",
        "blocked_ns",
        "body",
        "bytes_received",
        "bytes_sent",
        "connecting_ns",
        "deadline_ns",
        "end_ns",
        "error",
        "expect",
        "extra",
        "first_ns",
        "intended_ns",
        "issued_ns",
        "outgoing",
        "raw",
        "retried",
        "sending_ns",
        "sent_ns",
        "status",
        "tls_ns",
        "waiter",
    )

    def __init__(
        self,
        outgoing: "Outgoing",
        intended_ns: int,
        issued_ns: int,
        deadline_ns: int,
        answered: "Callable[[Response], None]",
        waiter: Any = None,
    ) -> None:
        self.outgoing = outgoing
        self.intended_ns = intended_ns
        self.issued_ns = issued_ns
        self.deadline_ns = deadline_ns
        self.answered = answered
        self.waiter = waiter
        self.status = self.sent_ns = self.first_ns = self.end_ns = 0
        self.sending_ns = self.connecting_ns = self.tls_ns = self.blocked_ns = self.bytes_sent = self.bytes_received = 0
        self.error = ""
        self.body = self.raw = self.extra = b""
        self.expect: Collection[int] | None = None
        self.retried = False
        self._headers: Headers | None = None
        self._mentions: tuple[bool, bool] | None = None

    def __repr__(self) -> str:
        return f"<Response {self.outgoing.method} {self.url} {self.status or self.error}>"

    @property
    def url(self) -> str:
        """The absolute address that was asked."""
        return self.outgoing.url

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds from the send to the last byte."""
        return (self.end_ns - (self.sent_ns or self.issued_ns)) / 1e6

    @property
    def failed(self) -> bool:
        """Whether the request counts as failed: no answer, or a status outside 200..399 (or outside `expect`)."""
        if self.expect is not None:
            return self.status not in self.expect
        return not 200 <= self.status < 400

    @property
    def head(self) -> bytes:
        """The bytes of the answer's head, from the status line, without interim answers before it."""
        raw = self.raw
        while raw.startswith((b"HTTP/1.1 1", b"HTTP/1.0 1")) and END_OF_HEAD in raw and self.status != 101:
            raw = raw[raw.find(END_OF_HEAD) + 4 :]
        end = raw.find(END_OF_HEAD)
        return raw[:end] if end >= 0 else raw

    @property
    def headers(self) -> Headers:
        """The answer's headers."""
        if self._headers is None:
            self._headers = Headers(_parse_head(self.head))
        return self._headers

    @property
    def content(self) -> bytes:
        """The body, decompressed. Raises `AnswerError` when its compression is broken, or it is above 64 MB then."""
        if not self.mentions()[1] or not self.body:
            return self.body
        try:
            return decompress(self.body, self.headers.get("content-encoding", ""))
        except DecodingError as error:
            raise AnswerError(self._not(str(error))) from error

    @property
    def text(self) -> str:
        """The body as text, in the charset it names (UTF-8 otherwise); undecodable bytes are replaced."""
        _, _, charset = self.headers.get("content-type", "").lower().partition("charset=")
        try:
            return self.content.decode(charset.partition(";")[0].strip(" \"'") or "utf-8", "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Parse the body as JSON. Raises `AnswerError` when it is none."""
        content = self.content if self.mentions()[1] else self.body
        try:
            return decode_json(content)
        except msgspec.DecodeError:
            return self._lenient_json(content)

    def mentions(self) -> tuple[bool, bool]:
        """Say whether the head mentions cookies to set, and a content encoding; cheap, and never wrong with a no."""
        if self._mentions is None:
            raw = self.raw
            self._mentions = _mentions(raw[: len(raw) - len(self.body)] or raw)
        return self._mentions

    def recognised(self, known: "KnownHead", cut: int, now: int) -> None:
        """Take an answer in one piece whose head, its first `cut` bytes, was parsed before."""
        self.end_ns = now
        self.status, self.bytes_received, self._mentions = known
        self.body = self.raw[cut:]

    def look_at_head(self) -> None:
        """Find out what `mentions` says from the whole head, where it cannot be told from the sizes of what came."""
        self._mentions = _mentions(self.head)

    def _lenient_json(self, content: bytes) -> Any:
        # NaN and UTF-16 are no JSON, and applications send them all the same
        try:
            return json.loads(content)
        except ValueError as error:
            raise AnswerError(self._not("JSON")) from error

    def _not(self, expected: str) -> str:
        asked = self.outgoing.name
        if self.error:
            return f"{asked} got no answer ({self.error}) where {expected} was expected"
        kind = self.headers.get("content-type", "no content type").partition(";")[0]
        return f"{asked} answered {self.status} {kind} ({len(self.body)} bytes) where {expected} was expected"


@functools.lru_cache(maxsize=256)
def _mentions(head: bytes) -> tuple[bool, bool]:
    # the heads of an application hardly differ from answer to answer: looking one up is cheaper than searching it
    lower = head.lower()
    return b"set-cookie:" in lower, b"content-encoding:" in lower


def _parse_head(head: bytes) -> list[tuple[str, str]]:
    lines = []
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            lines.append((name.decode("latin-1").strip().lower(), value.decode("latin-1").strip()))
    return lines
