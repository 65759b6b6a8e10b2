"""Bodies that are too large, and how much of each an application takes.

What is merely long never ends: it stops one byte early, and the client leaves. So no request with it is ever complete,
and nothing is carried out. What is small on the wire (compressed, nested) ends, and is nothing that anybody wants.
"""

import asyncio
import contextlib
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

MEGABYTE = 1_000_000
PIECE = 250_000
MOST_PER_S = 150 * MEGABYTE
CLAIMED = 8_000 * MEGABYTE
DEPTH = 100_000
CONNECT_S, STUCK_S = 5.0, 3.0
LINGERS_S = 1.0
"""So long the client stays when it has sent everything: what holds the body is then seen to."""
JSON = ("content-type", "application/json")
CHUNKED = ("transfer-encoding", "chunked")
Headers = tuple[tuple[str, str], ...]


class Body(NamedTuple):
    """A body by what is wrong with it; `headers` frame it, `pieces` are made as they are sent."""

    what: str
    headers: Headers
    pieces: Callable[[], Iterator[bytes]]


class Place(NamedTuple):
    """Where a body is sent, with the headers that an ordinary request has there."""

    name: str
    method: str
    target: str
    headers: Headers = ()


class Poured(NamedTuple):
    """What came of one: bytes that were taken, and the status (0: no answer while the client was there)."""

    place: str
    what: str
    sent: int
    status: int


def too_large(size: int) -> Body:
    """Of `size` bytes, and one more that never comes."""
    length = ("content-length", str(size + 1))
    return Body(f"{size // MEGABYTE} MB", (JSON, length), lambda: _long(size))


def bodies(size: int) -> tuple[Body, ...]:
    """Everything that is sent where a body is expected; none is larger than `size` bytes when it is unpacked."""
    packed, nested = _packed(size), b"[" * DEPTH + b"]" * DEPTH
    return (
        Body(
            f"a length of {CLAIMED // (1000 * MEGABYTE)} GB",
            (JSON, ("content-length", str(CLAIMED))),
            lambda: _long(PIECE),
        ),
        too_large(size),
        Body(f"{size // MEGABYTE} MB in chunks", (JSON, CHUNKED), lambda: map(_chunk, _long(size))),
        Body(
            f"{size // MEGABYTE} MB compressed to {len(packed) // 1000} kB",
            (JSON, ("content-encoding", "gzip"), ("content-length", str(len(packed)))),
            lambda: iter((packed,)),
        ),
        Body(f"{DEPTH:,} lists in each other", (JSON, ("content-length", str(len(nested)))), lambda: iter((nested,))),
    )


async def pour(base_url: str, place: Place, body: Body, enough: Callable[[], bool]) -> Poured:
    """Send one body until it is sent, answered, or `enough`; then leave. Raises nothing."""
    parts = urlsplit(base_url)
    sent = 0
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        answer = asyncio.ensure_future(_status(reader))
        try:
            writer.write(_head(place, body, parts.netloc))
            for piece in body.pieces():
                if answer.done() or enough():
                    break
                writer.write(piece)
                async with asyncio.timeout(STUCK_S):
                    await writer.drain()
                sent += len(piece)
                await asyncio.sleep(len(piece) / MOST_PER_S)
            await asyncio.wait({answer}, timeout=LINGERS_S)
        except (OSError, TimeoutError):
            await asyncio.wait({answer}, timeout=LINGERS_S)
        finally:
            writer.transport.abort()
            status = await _told(answer)
        return Poured(place.name, body.what, sent, status)
    return Poured(place.name, body.what, sent, 0)


def _head(place: Place, body: Body, host: str) -> bytes:
    framed = {name for name, _ in body.headers}
    ordinary = tuple(line for line in place.headers if line[0].lower() not in framed | {"host", "connection"})
    lines = (("host", host), *ordinary, *body.headers, ("connection", "close"))
    head = f"{place.method} {place.target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines)
    return head.encode("latin-1", "replace") + b"\r\n"


async def _status(reader: asyncio.StreamReader) -> int:
    """Read the status of the final answer; 0 when there is none."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        while line := await reader.readline():
            if line.startswith(b"HTTP/") and (status := int(line.split()[1])) >= 200:
                return status
    return 0


async def _told(answer: "asyncio.Future[int]") -> int:
    if answer.done():
        return answer.result()
    answer.cancel()
    await asyncio.wait([answer])
    return 0


def _long(size: int) -> Iterator[bytes]:
    """Begin JSON that could still become valid."""
    yield b'{"name": "'
    left = size - 10
    while left > 0:
        yield b"n" * min(PIECE, left)
        left -= PIECE


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def _packed(size: int) -> bytes:
    """Blanks, which are no JSON: nobody can do anything with them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * PIECE
    return b"".join([*(packer.compress(blanks) for _ in range(size // PIECE)), packer.flush()])
