"""A tape: which request was made when. Lines of JSON, `[offset_ns, request_index]`, offsets ascending from 0.

It is read as a stream, however long it is.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from nineam.errors import UsageError

Tape = Iterator[tuple[int, int]]

LONGEST_SHOWN = 60
EXPECTED = "A line is [nanoseconds from the start, number of the request], in the order of time."


def check_tape(path: str, requests: int) -> None:
    """Look at the beginning of a tape. Raises `UsageError` when there is none, or it is empty or broken there."""
    if not path:
        raise UsageError("the replay executor has no tape", hint="It replays an access log: --access-log FILE.")
    if next(read_tape(path, requests), None) is None:
        raise UsageError(f"the tape {path} is empty: there is nothing to replay")


def read_tape(path: str, requests: int) -> Tape:
    """Yield the offsets and the numbers of the requests, of which there are so many.

    Raises `UsageError`, naming the line, for one that is none.
    """
    decoder = msgspec.json.Decoder(tuple[int, int])
    before = 0
    try:
        with Path(path).open("rb") as lines:
            for number, line in enumerate(lines, 1):
                offset, index = _entry(decoder, line, f"{path}:{number}")
                if offset < before or not 0 <= index < requests:
                    raise _broken(f"{path}:{number}", line, _why(offset, before, requests))
                before = offset
                yield offset, index
    except OSError as error:
        raise UsageError(f"the tape {path} cannot be read: {error.strerror}") from error


def _entry(decoder: "msgspec.json.Decoder[tuple[int, int]]", line: bytes, where: str) -> tuple[int, int]:
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _broken(where, line, "not two whole numbers") from error


def _why(offset: int, before: int, requests: int) -> str:
    if offset < before:
        return f"{offset} is earlier than {before}, the line before it"
    return f"no such request, there are {requests}"


def _broken(where: str, line: bytes, why: str) -> UsageError:
    shown = line[:LONGEST_SHOWN].decode("utf-8", "backslashreplace").rstrip()
    return UsageError(f"{where} is no entry of a tape: {why}", details=[shown], hint=EXPECTED)
