"""Writes a run file while the run goes on; killed at any moment, it leaves a file that reads."""

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from nineam.errors import UsageError
from nineam.model import LoadStats

FORMAT = 5


class Writer:
    """The one writer of a run file.

    Readers see nothing before `commit`; what is committed survives whatever happens to nineam.
    """

    def __init__(self, path: Path) -> None:
        """Create the file; raises UsageError when it exists or its directory cannot be written."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                raise UsageError(f"{path} exists already", hint="name another file, or move it away")
            self._db = sqlite3.connect(path)
            self._prepare()
        except (OSError, sqlite3.OperationalError) as error:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            raise UsageError(f"cannot write the run file {path}: {error}", hint="choose another --out") from None
        self._names: dict[str, int] = {}

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(f"PRAGMA user_version = {FORMAT}")
        self._db.executescript(files("nineam.store").joinpath("schema.sql").read_text())
        self._db.commit()

    def name(self, value: str) -> int:
        """Return the number of a string."""
        known = self._names.get(value)
        if known is None:
            known = self._names[value] = len(self._names)
            self._db.execute("INSERT INTO name VALUES (?, ?)", (known, value))
        return known

    def meta(self, key: str, value: Any) -> None:
        """Set one fact about the run; any JSON value or record."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, msgspec.json.encode(value).decode()))

    def begin_phase(self, kind: str, stair: int, rate: float, users: int, begin_ns: int) -> int:
        """Open a phase; its number."""
        row = self._db.execute(
            "INSERT INTO phase (kind, stair, rate, users, begin_ns) VALUES (?, ?, ?, ?, ?)",
            (kind, stair, rate, users, begin_ns),
        )
        return int(row.lastrowid or 0)

    def end_phase(self, phase: int, end_ns: int, held: bool) -> None:
        """Close a phase."""
        self._db.execute("UPDATE phase SET end_ns = ?, held = ? WHERE id = ?", (end_ns, held, phase))

    def load(self, phase: int, at_ns: int, stats: LoadStats, vus: int = 0) -> None:
        """Add what the load process counted since last time, and how many users were active."""
        row = (phase, at_ns, msgspec.json.encode(stats).decode(), vus)
        self._db.execute("INSERT INTO load VALUES (?, ?, ?, ?)", row)

    def add(self, table: str, keys: int, rows: Iterable[Sequence[Any]], largest: int = 0) -> None:
        """Add rows to a table of sums whose first `keys` columns are the key; the last `largest` columns are maxima."""
        rows = list(rows)
        if not rows:
            return
        columns = [row[1] for row in self._db.execute(f"PRAGMA table_info({table})")]
        sums = columns[keys : len(columns) - largest]
        maxima = columns[len(columns) - largest :] if largest else []
        updates = [f"{column} = {column} + excluded.{column}" for column in sums]
        updates += [f"{column} = max({column}, excluded.{column})" for column in maxima]
        self._db.executemany(
            f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))}) "  # noqa: S608 - names are ours
            f"ON CONFLICT ({', '.join(columns[:keys])}) DO UPDATE SET {', '.join(updates)}",
            rows,
        )

    def insert(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows; what is already there under the same key is replaced."""
        rows = list(rows)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._db.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - names are ours

    def commit(self) -> None:
        """Make everything so far part of the file."""
        self._db.commit()

    def close(self) -> None:
        """Commit and fold the journal into the file; raises sqlite3.Error when the last of it cannot be kept."""
        try:
            self._db.commit()
            self._fold()
        finally:
            self._db.close()

    def _fold(self) -> None:
        with contextlib.suppress(sqlite3.OperationalError):  # somebody is reading it: the journal stays beside it
            self._db.execute("PRAGMA journal_mode = DELETE")
