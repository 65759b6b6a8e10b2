"""What the application prints: the last lines in memory, everything in a file, both bounded."""

import re
from collections import deque
from pathlib import Path
from typing import BinaryIO

KEPT_LINES = 200
LINE_CHARACTERS = 2_000
LOG_BYTES = 20_000_000
TERMINAL_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f]")
UNFINISHED_BYTES = LINE_CHARACTERS * 4
"""A line without an end is kept up to here: 2,000 characters of UTF-8 at most."""


class Output:
    """Merged standard output and error. Lines in memory are decoded, free of terminal codes and cut."""

    def __init__(
        self, log_file: Path | None = None, *, kept_lines: int = KEPT_LINES, log_bytes: int = LOG_BYTES
    ) -> None:
        self._lines: deque[str] = deque(maxlen=kept_lines)
        self._unfinished = b""
        self._room = log_bytes
        self._log: BinaryIO | None = None
        if log_file is not None:
            log_file.parent.mkdir(parents=True, exist_ok=True)
            self._log = log_file.open("ab", buffering=0)

    def feed(self, chunk: bytes) -> None:
        """Take what was printed next; never raises for what it contains, nor for a full disk."""
        self._write(chunk)
        *finished, rest = (self._unfinished + chunk).split(b"\n")
        self._lines.extend(_readable(line) for line in finished[-KEPT_LINES:])
        self._unfinished = rest[:UNFINISHED_BYTES]

    def lines(self, count: int = KEPT_LINES) -> tuple[str, ...]:
        """Return the last `count` lines, an unfinished one included."""
        unfinished = [_readable(self._unfinished)] if self._unfinished else []
        return tuple([*self._lines, *unfinished][-count:])

    def close(self) -> None:
        """Close the log file; what comes later is kept in memory only."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def _write(self, chunk: bytes) -> None:
        if self._log is None or self._room <= 0:
            return
        try:
            self._log.write(chunk[: self._room])
            self._room -= len(chunk)
            if self._room <= 0:
                self._log.write(b"\n[the log is full; what follows was not kept]\n")
        except OSError:
            self._room = 0


def _readable(line: bytes) -> str:
    text = line[: UNFINISHED_BYTES * 2].decode("utf-8", "replace").rstrip("\r")
    return TERMINAL_SEQUENCE.sub("", text)[:LINE_CHARACTERS]
