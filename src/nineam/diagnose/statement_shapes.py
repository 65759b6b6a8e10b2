"""Which statement of the application is the one that the database speaks of: its driver has spelt it differently."""

import re

from nineam.diagnose.picture import Picture
from nineam.store.records import QuerySum, StoredPhase

PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|\$\d+|(?<!:):\w+|\?")
CAST = re.compile(r"::[\w ]+?(?:\(\?\))?(?=[\s,)]|$)")
LIST = re.compile(r"\(\?(?:, ?(?:\?|\.\.\.))+\)")
TELLING = 500
"""Characters that are compared: the database cuts statements off."""


def shape(statement: str) -> str:
    """Spell a normalised statement as it is compared."""
    bare = CAST.sub("", PLACEHOLDER.sub("?", " ".join(statement.split())))
    return LIST.sub("(?)", bare)[:TELLING].rstrip("; ").lower()


def source_of(picture: Picture, phase: StoredPhase | None, statement: str) -> QuerySum | None:
    """Return what executes a statement of the database most, in a phase; None when nobody is known to."""
    wanted = shape(statement)
    asked = [row for row in picture.run.queries if phase and wanted and row.phase == phase.id]
    rows = [row for row in asked if shape(row.statement) == wanted]
    return max(rows, key=lambda row: row.executions, default=None)
