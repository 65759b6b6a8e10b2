"""Content encodings of answers, undone piece by piece: a small answer may be a very large one packed."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

LARGEST_CONTENT = 64_000_000
MOST_CODINGS = 5
PIECE = 262_144
SLICE = 16_384  # what a coding has not used yet of what it was given is copied: that must be little
MEMBER = b"\x1f\x8b"


class DecodingError(ValueError):
    """A body cannot be unpacked; the text says what was expected of it."""


class Coding(Protocol):
    """Undoes one encoding; `whole` says whether what was fed so far may be all of it."""

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack some bytes, in pieces of limited size."""


class Gzip:
    """Members, one behind the other; what follows them and is none does not matter."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._rest = b""
        self._begun = self._over = False

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self._member.eof or not self._begun

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack some bytes, in pieces of limited size."""
        while data and not self._over:
            self._begun = True
            if self._member.eof:
                data = self._rest + data
                self._rest = data if len(data) < len(MEMBER) else b""
                if self._rest:
                    return
                self._over = not data.startswith(MEMBER)
                self._member = self._member if self._over else zlib.decompressobj(zlib.MAX_WBITS | 16)
            else:
                yield from _inflated(self._member, data)
                data = self._member.unused_data


class Deflate:
    """A zlib stream, or what is in one without its wrapper, as some servers send it."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._begin = b""

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return bool(self._stream.eof) if self._stream is not None else not self._begin

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack some bytes, in pieces of limited size."""
        if self._stream is None:
            self._begin = data = self._begin + data
            if len(data) < 2:
                return
            wrapped = data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        if not self._stream.eof:
            yield from _inflated(self._stream, data)


class Brotli:
    """Brotli; before version 1.2 of the library its pieces are as large as they happen to be."""

    def __init__(self) -> None:
        import brotli  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415 - only where an answer needs it

        self._unpacker = brotli.Decompressor()
        self._limits = {"output_buffer_limit": PIECE} if hasattr(self._unpacker, "can_accept_more_data") else {}
        self._begun = False

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not self._begun or bool(self._unpacker.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack some bytes, in pieces of limited size."""
        if self._begun and self._unpacker.is_finished():
            return
        self._begun = True
        yield self._unpacker.process(data, **self._limits)
        while self._limits and not self._unpacker.can_accept_more_data():
            yield self._unpacker.process(b"", **self._limits)


CODINGS: dict[str, Callable[[], Coding]] = {"gzip": Gzip, "x-gzip": Gzip, "deflate": Deflate, "br": Brotli}


class Unpacker:
    """Undoes what a `Content-Encoding` names; what lies under an unknown encoding stays as it is.

    Raises `DecodingError`, while feeding too.
    """

    def __init__(self, encodings: str) -> None:
        names = [name for each in encodings.lower().split(",") if (name := each.strip()) not in ("", "identity")]
        if len(names) > MOST_CODINGS:
            raise DecodingError(f"a body packed at most {MOST_CODINGS} times")
        self._codings: list[tuple[str, Coding]] = []
        for name in reversed(names):
            coding = _coding(name)
            if coding is None:
                break
            self._codings.append((name, coding))

    def feed(self, data: bytes) -> Iterable[bytes]:
        """Unpack some bytes, in pieces of limited size."""
        pieces: Iterable[bytes] = (data,)
        for name, coding in self._codings:
            pieces = _through(name, coding, pieces)
        return pieces

    def end(self) -> None:
        """Say that there is no more. Raises `DecodingError` when something is missing."""
        for name, coding in self._codings:
            if not coding.whole:
                raise DecodingError(f"valid {name}")


def decompress(body: bytes, encodings: str) -> bytes:
    """Undo the encodings of a whole body. Raises `DecodingError` when it is broken, or far too large unpacked."""
    unpacker, parts, size = Unpacker(encodings), [], 0
    for part in unpacker.feed(body):
        size += len(part)
        if size > LARGEST_CONTENT:
            raise DecodingError(f"at most {LARGEST_CONTENT // 1_000_000} MB when unpacked")
        parts.append(part)
    unpacker.end()
    return b"".join(parts)


def _coding(name: str) -> Coding | None:
    try:
        return CODINGS[name]() if name in CODINGS else None
    except ImportError:  # a library that is not there: as if the encoding were unknown
        return None


def _through(name: str, coding: Coding, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), SLICE):
            yield from _checked(name, coding.feed(piece[start : start + SLICE]))


def _checked(name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        for piece in pieces:
            if piece:
                yield piece
    except Exception as error:  # what a library raises about bytes is its own business
        raise DecodingError(f"valid {name}") from error


def _inflated(stream: Any, data: bytes) -> Iterator[bytes]:
    while not stream.eof:
        piece = stream.decompress(data, PIECE)
        yield piece
        if len(piece) < PIECE:
            return
        data = stream.unconsumed_tail
