"""Bytes as a shell and as Python write them, short where they repeat themselves."""

import shlex
from collections.abc import Iterable

from nineam.model import Chunk

SHORTEST_RUN = 40
NAMED = {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\x27", 92: "\\\\"}


def shell_word(data: bytes) -> str:
    """Quote for bash; what cannot be printed is escaped. Raises `ValueError` for NUL, which no argument can hold."""
    if 0 in data:
        raise ValueError("a NUL cannot be an argument")
    if data.isascii() and data.decode().isprintable():
        return shlex.quote(data.decode())
    text = "".join(_escaped(byte) for byte in data)
    return f"$'{text}'"


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character in "'\\":
        return f"\\{character}"
    return character if 32 <= byte < 127 else f"\\x{byte:02x}"


def python_bytes(body: Iterable[Chunk]) -> str:
    """Write as a Python expression: `b"[" * 50000 + b"1"`."""
    parts = [_part(run) for chunk in body for run in _long_runs(chunk)]
    return " + ".join(parts) or 'b""'


def python_text(text: str) -> str:
    """Write text as a Python expression in ASCII: `"n" * 8000`."""
    runs = list(_long_runs(Chunk(text.encode("latin-1", "replace"))))
    return " + ".join(_times(python_literal(run.data)[1:], run.times) for run in runs) or '""'


def python_literal(data: bytes) -> str:
    """Write as one literal, free of single quotes: a shell can quote it as a whole."""
    text = "".join(NAMED.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data)
    return f'b"{text}"'


def _part(chunk: Chunk) -> str:
    return _times(python_literal(chunk.data), chunk.times)


def _times(literal: str, times: int) -> str:
    return f"{literal} * {times}" if times > 1 else literal


def _long_runs(chunk: Chunk) -> Iterable[Chunk]:
    """Take long runs of one byte out of a piece that stands once."""
    if chunk.times > 1:
        yield chunk
        return
    data, begin, at = chunk.data, 0, 0
    while at < len(data):
        end = at + 1
        while end < len(data) and data[end] == data[at]:
            end += 1
        if end - at >= SHORTEST_RUN:
            if begin < at:
                yield Chunk(data[begin:at])
            yield Chunk(data[at : at + 1], end - at)
            begin = end
        at = end
    if begin < len(data):
        yield Chunk(data[begin:])
