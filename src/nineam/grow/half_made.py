"""The file of a clone that is not finished: nobody else's name, and locked for as long as its maker lives."""

import fcntl
from pathlib import Path

from nineam.errors import UsageError

ENDING = ".nineam-part"
SIDES = ("-wal", "-shm", "-journal")


class HalfMade:
    """An empty file for a clone that will be called `target`; what another process left of it is overwritten.

    Raises UsageError when another process is making the same clone.
    """

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(target.name + ENDING)
        self._lock = self.path.open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise UsageError(
                f"another nineam is making {target}", hint="wait for it, or choose another file with --name FILE"
            ) from None
        self._lock.truncate(0)
        _remove_sides(self.path)

    def publish(self, target: Path) -> None:
        """Give it its name."""
        self.path.replace(target)
        self._lock.close()

    def remove(self) -> None:
        """Remove it, and what SQLite put beside it."""
        self.path.unlink(missing_ok=True)
        _remove_sides(self.path)
        self._lock.close()


def left_behind(target: Path) -> bool:
    """Whether a process that ended left a half-made clone of that name."""
    path = target.with_name(target.name + ENDING)
    if not path.exists():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _remove_sides(path: Path) -> None:
    for side in SIDES:
        path.with_name(path.name + side).unlink(missing_ok=True)
