"""An SQLite clone was used when its file was read: the file system knows when that was last.

Most file systems are mounted so that they keep the moment of reading only when it was before the last change
(`relatime`), and some keep none (`noatime`): so it is set far back first, and it is tried whether reading moves it.
"""

import contextlib
import os
from pathlib import Path

LONG_AGO_NS = 86_400_000_000_000


class SqliteWitness:
    """Watches one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keeps = False
        self._held = False
        self._before = 0

    def begin(self) -> None:
        """Set the moment of reading far back, and try whether it is kept at all."""
        with contextlib.suppress(OSError):
            self._set_back()
            self._before = self._read_at()
            with self._path.open("rb") as file:
                file.read(1)
            self._keeps = self._read_at() > self._before
            self._set_back()
            self._before = self._read_at()

    def _set_back(self) -> None:
        os.utime(self._path, ns=(LONG_AGO_NS, self._path.stat().st_mtime_ns))

    def _read_at(self) -> int:
        return self._path.stat().st_atime_ns

    def look(self) -> None:
        """Look whether a process has it open, where the system shows that."""
        self._held = self._held or _is_open(self._path)

    def tell(self) -> tuple[bool, str]:
        """Return whether it was used, and what shows it."""
        with contextlib.suppress(OSError):
            if self._keeps and self._read_at() > self._before:
                return True, "its file was read while the application ran"
        if self._held:
            return True, "the application had its file open"
        if not self._keeps:
            return False, "the file system does not keep when a file was read, and nobody was seen with the clone open"
        return False, "nobody read the clone's file: does the application take its database from somewhere else?"


def _is_open(path: Path) -> bool:
    try:
        wanted = path.stat()
        folders = [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    except OSError:
        return False
    return any(_has_open(folder / "fd", (wanted.st_dev, wanted.st_ino)) for folder in folders)


def _has_open(folder: Path, wanted: tuple[int, int]) -> bool:
    with contextlib.suppress(OSError):
        for link in folder.iterdir():
            with contextlib.suppress(OSError):
                status = link.stat()
                if (status.st_dev, status.st_ino) == wanted:
                    return True
    return False
