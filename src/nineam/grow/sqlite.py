"""SQLite: the original is a file that is opened read-only, a clone is another file beside nineam's runs."""

import contextlib
import glob
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from nineam.errors import ApplicationError, UsageError
from nineam.grow.database import Clone
from nineam.grow.half_made import ENDING, SIDES, HalfMade, left_behind
from nineam.grow.schema import Schema
from nineam.grow.sqlite_clone import MARK, SqliteClone, interruptible
from nineam.grow.sqlite_schema import read_schema

HEADER = b"SQLite format 3\x00"
WAL_VERSION = 2
FORMAT_BYTE = 18
OLDEST = (3, 31, 0)


class SqliteSource:
    """An SQLite file; `home` is the directory that clones are put in."""

    kind = "sqlite"

    def __init__(self, path: Path, home: Path) -> None:
        if sqlite3.sqlite_version_info < OLDEST:
            raise UsageError(
                f"SQLite {sqlite3.sqlite_version} is too old, expected 3.31 or newer", hint="use a newer Python"
            )
        self._path = path
        self._home = home
        self.name = str(path)
        self._wal = _read_header(path)
        self.size = path.stat().st_size
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        """Open it so that nothing is written beside it: a WAL database at rest is read as a file nobody changes."""
        at_rest = self._wal and not self._path.with_name(self._path.name + "-wal").exists()
        address = f"{self._path.absolute().as_uri()}?mode=ro" + ("&immutable=1" if at_rest else "")
        self._stamp = self._changed_at()
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        interruptible(connection)
        try:
            marked = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (MARK,)).fetchone()[0]
        except sqlite3.Error as error:
            connection.close()
            raise self._busy(error) from None
        if marked:
            connection.close()
            raise UsageError(f"{self._path} is a clone that nineam made", hint="grow the original")
        return connection

    def _changed_at(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size

    def schema(self) -> Schema:
        """Read tables, constraints, numbers of rows, and the facts of key columns."""
        try:
            return read_schema(self._connection)
        except sqlite3.Error as error:
            raise self._busy(error) from None

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        try:
            return self._connection.execute(sql).fetchall()
        except sqlite3.Error as error:
            raise self._busy(error) from None

    def _busy(self, error: sqlite3.Error) -> ApplicationError:
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        return ApplicationError(
            f"{self._path} cannot be read: {error}", hint="is a process writing to it? Stop the application first"
        )

    def clone_name(self, name: str) -> str:
        """Return the file a clone goes to."""
        return name or str(self._home / f"{self._path.stem}-grown.db")

    def clone(self, name: str, *, replace: bool) -> Clone:
        """Copy the file with SQLite's own backup; raises UsageError when the name is taken."""
        target = Path(name)
        if target.exists() and target.samefile(self._path):
            raise UsageError(f"--name {name} is the original", hint="choose another file")
        if target.exists() and not (replace and _is_clone(target)):
            raise _taken(target)
        half = _begun(target)
        try:
            self._copy(half.path)
            return SqliteClone(half, target, wal=self._wal, source=self.name)
        except BaseException:
            half.remove()
            raise

    def _copy(self, part: Path) -> None:
        try:
            with contextlib.closing(sqlite3.connect(part)) as copy:
                self._connection.backup(copy)
        except sqlite3.Error as error:
            raise self._busy(error) from None
        if self._wal and self._changed_at() != self._stamp:
            raise ApplicationError(
                f"{self._path} was written to while it was copied", hint="stop the application and try again"
            )

    def room(self, name: str = "") -> tuple[Path, int] | None:
        """Return where a clone of that name is kept, and the free bytes there."""
        place = Path(name).absolute().parent if name else self._home
        while not place.exists():
            place = place.parent
        return place, shutil.disk_usage(place).free

    def clones(self) -> tuple[str, ...]:
        """Return the clones in the usual place, and what a killed nineam left of some."""
        if not self._home.is_dir():
            return ()
        own = self._path.resolve()
        found = [
            path for path in self._home.glob("*.db") if (source := _source_of(path)) and Path(source).resolve() == own
        ]
        halves = [path.with_suffix("") for path in self._home.glob(f"{glob.escape(self._path.stem)}*{ENDING}")]
        return tuple(map(str, sorted({*found, *filter(left_behind, halves)})))

    def drop(self, name: str) -> None:
        """Remove a clone; raises UsageError when nineam did not make it."""
        path = Path(name)
        if left_behind(path):
            HalfMade(path).remove()
            if not path.exists():
                return
        if not path.exists():
            raise UsageError(f"there is no file {name}", hint=_listed(self.clones()))
        if not _is_clone(path):
            raise UsageError(f"{name} was not made by nineam, so it is not removed", hint=_listed(self.clones()))
        _remove(path)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()


def _listed(clones: tuple[str, ...]) -> str:
    return f"the clones are {', '.join(clones)}" if clones else "there are no clones of this database"


def _read_header(path: Path) -> bool:
    """Return whether the database is in WAL mode; raises UsageError when the file is no SQLite database."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="name the application's SQLite file") from None
    if not header.startswith(HEADER) or len(header) < 100:
        raise UsageError(f"{path} is no SQLite database", hint="name the application's SQLite file, or a URL")
    return header[FORMAT_BYTE] == WAL_VERSION


def _source_of(path: Path) -> str:
    """Return what a file is a clone of; an empty string when it is none."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute(f"SELECT source FROM {MARK}").fetchone()
    except sqlite3.Error:
        return ""
    return str(row[0]) if row else ""


def _is_clone(path: Path) -> bool:
    return bool(_source_of(path))


def _begun(target: Path) -> HalfMade:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return HalfMade(target)
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written: {error.strerror}", hint="choose another file with --name FILE, or --out DIR"
        ) from None


def _taken(target: Path) -> UsageError:
    if _is_clone(target):
        return UsageError(
            f"there is a clone already: {target}", hint="--replace makes it anew, --name FILE puts another beside it"
        )
    return UsageError(f"{target} exists and was not made by nineam", hint="choose another with --name FILE")


def _remove(path: Path) -> None:
    for side in ("", *SIDES):
        path.with_name(path.name + side).unlink(missing_ok=True)
