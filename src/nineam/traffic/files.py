"""Files that the user named: opened, or said what is wrong with them."""

import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from nineam.errors import UsageError, nearest
from nineam.visible import visible

GZIP = b"\x1f\x8b"
LONGEST_EXCERPT = 160
BROKEN_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)
MEGABYTE = 1 << 20
LARGEST = 256 * MEGABYTE


@contextmanager
def opened(path: Path, kind: str) -> Iterator[IO[bytes]]:
    """Open a file or a pipe for reading, a gzipped one too. Raises `UsageError` when it cannot be read to its end."""
    with _opened(path, kind) as file:
        try:
            # looked at, not read: a pipe gives its first bytes only once
            packed = file.peek(len(GZIP)).startswith(GZIP)
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=file) if packed else file)
        except BROKEN_GZIP as error:
            hint = "Unpack it with `gzip -dc` and see how far it goes."
            raise UsageError(f"{path} is gzip, and damaged: {error}", hint=hint) from error


def _opened(path: Path, kind: str) -> io.BufferedReader:
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISDIR(mode)):
            raise UsageError(f"{path} is no file but a device or a socket", hint=f"Name the {kind} itself.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise _missing(path, kind) from error
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a directory", hint=f"Name the {kind} itself.") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{visible(str(path))} cannot be read: {error}", hint=f"Name a {kind} to read.") from error


def whole(path: Path, kind: str, most: int = LARGEST) -> bytes:
    """Read everything there is in a file: `most` bytes, unpacked. Raises `UsageError` when it cannot be read."""
    with opened(path, kind) as file:
        pieces, left = [], most
        while piece := file.read(min(left + 1, MEGABYTE)):
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                raise too_large(path, kind, most)
        return b"".join(pieces)


def too_large(path: Path, kind: str, most: int) -> UsageError:
    """Say that there is more in a file than anybody reads."""
    message = f"{path} has more than {most // MEGABYTE:,} MB, unpacked: too much for {_one(kind)}"
    return UsageError(message, hint="Name a part of it.")


def text_of(data: bytes, path: Path) -> str:
    """Decode a text file: UTF-8, or UTF-16 with its mark. Raises `UsageError` naming the line that is neither."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "Save it as UTF-8."
        raise UsageError(f"{path}:{line} is not {encoding.removesuffix('-sig').upper()}", hint=hint) from error


def excerpt(text: str) -> str:
    """The beginning of a line of somebody's, harmless to look at."""
    cut = text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}... ({len(text):,} characters)"
    return visible(cut.rstrip("\r\n"))


def counted(number: int, noun: str) -> str:
    """`1 line`, `2,000 lines`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _one(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"


def _missing(path: Path, kind: str) -> UsageError:
    folder, close = path.parent, ""
    with suppress(OSError):
        close = nearest(path.name, sorted(each.name for each in folder.iterdir() if each.is_file()))
    hint = f"Did you mean {folder / close}?" if close else "Check the path."
    return UsageError(f"no {kind} at {path}", hint=hint)
