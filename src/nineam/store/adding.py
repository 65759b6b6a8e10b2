"""Adds to a run file what was found out about the run afterwards."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from nineam.errors import UsageError


def add_meta(path: Path, key: str, value: Any) -> None:
    """Set one fact about a run whose file `read` accepts; raises UsageError when it cannot be written."""
    try:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, msgspec.json.encode(value).decode()))
    except sqlite3.Error as error:
        raise UsageError(
            f"cannot write to the run file {path}: {error}", hint="is it yours, and room on the disk?"
        ) from None
