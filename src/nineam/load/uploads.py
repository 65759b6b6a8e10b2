"""Bodies that are sent piece by piece: iterators, asynchronous ones, open files and paths."""

import asyncio
import stat
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

PIECE = 65536

UploadData = Iterable[bytes] | AsyncIterable[bytes] | IO[bytes] | Path


class UploadError(Exception):
    """A body does not turn out as announced."""


class Upload(NamedTuple):
    """A body in pieces. `length` is -1 when it is not known; `again` says whether it can be sent a second time."""

    pieces: Callable[[], AsyncIterator[bytes]]
    length: int
    again: bool


def upload_of(data: Any) -> Upload | None:
    """Give the body that `data` is when it goes in pieces, otherwise None. Raises `OSError` and `TypeError`."""
    if isinstance(data, Upload):
        return data
    if data is None or isinstance(data, bytes | bytearray | memoryview | str | Mapping):
        return None
    if isinstance(data, Path):
        return Upload(lambda: _of_path(data), size_of(data), again=True)
    if hasattr(data, "read"):
        whole = read_whole(data)
        return Upload(lambda: _of_bytes(whole), len(whole), again=True)
    if isinstance(data, AsyncIterable):
        return Upload(lambda: _checked(data), -1, again=False)
    if isinstance(data, Iterable):
        return Upload(lambda: _in_turn(data), -1, again=isinstance(data, list | tuple))
    raise TypeError(
        f"data: {type(data).__name__} cannot be sent; expected bytes, text, a mapping, a file or an iterator"
    )


def size_of(file: Path) -> int:
    """Give the bytes of a file. Raises `OSError` for what has no end, or keeps whoever reads it waiting."""
    facts = file.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(f"{file} is no regular file")
    return facts.st_size


def read_whole(file: IO[bytes]) -> bytes:
    """Read a file from its beginning, where it has one. Raises `TypeError` when it is open as text."""
    if file.seekable():
        file.seek(0)
    content = file.read()
    if isinstance(content, str):
        raise TypeError("a file to be sent must be open as binary: open(path, 'rb')")
    return content


async def _of_path(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:  # the page cache answers: a thread would cost more
        while piece := file.read(PIECE):
            yield piece


async def _of_bytes(whole: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(whole), PIECE):
        yield whole[start : start + PIECE]


async def _in_turn(data: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in data:
        yield _bytes(piece)
        await asyncio.sleep(0)  # a generator that never ends must not keep the others from their turn


async def _checked(data: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    async for piece in data:
        yield _bytes(piece)


def _bytes(piece: Any) -> bytes:
    if isinstance(piece, str):
        return piece.encode()
    if not isinstance(piece, bytes | bytearray | memoryview):
        raise TypeError(f"data: its iterator gave {type(piece).__name__} where bytes were expected")
    return bytes(piece)


class Pump:
    """Sends the pieces of one body: `write` takes each one, `failed` hears of an exception on the way.

    `length` is what was announced, -1 for a body that says itself where it ends.
    """

    def __init__(
        self,
        upload: Upload,
        length: int,
        write: Callable[[bytes], None],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._free = asyncio.Event()
        self._free.set()
        self.finished = False
        self._task = asyncio.get_running_loop().create_task(self._run(upload, length, write, done, failed))

    def pause(self) -> None:
        """Send nothing until `resume`."""
        self._free.clear()

    def resume(self) -> None:
        """Go on sending."""
        self._free.set()

    def cancel(self) -> None:
        """Send nothing more."""
        if asyncio.current_task() is not self._task:
            self._task.cancel()

    async def _run(
        self,
        upload: Upload,
        length: int,
        write: Callable[[bytes], None],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        sent = 0
        try:
            async for piece in upload.pieces():
                sent += len(piece)
                if 0 <= length < sent:
                    raise UploadError(f"the body is longer than its content-length of {length}")
                if piece:
                    write(piece)
                await self._free.wait()
            if sent < length:
                raise UploadError(f"the body is {sent} bytes, its content-length is {length}")
        except Exception as error:  # noqa: BLE001 - the journey's own iterator may raise anything
            failed(error)
            return
        self.finished = True
        done()
