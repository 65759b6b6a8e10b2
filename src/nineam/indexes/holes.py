"""Takes a statement of a run file apart at its holes: parameters, and literals that were never kept. Pure."""

import re
from collections.abc import Mapping

from nineam.model.record import Record

EXPANDING = r"__\[POSTCOMPILE_[^\s~\]]+(?:~~.*?~~)?\]"
"""What runs kept of SQLAlchemy's lists before they were kept as `(?, ...)`."""
LIST = rf"(?P<list>\(\?, \.\.\.\)|\({EXPANDING}\))"
PARAMETER = r"(?P<name>%\(\w+\)s|\$\d+|(?<![:\w]):[A-Za-z_]\w*)"
HOLE = re.compile(rf'(?P<quoted>"(?:[^"]|"")*"|`[^`]*`)|{LIST}|{PARAMETER}|(?P<mark>%s|\?|{EXPANDING})')
SIZES = re.compile(
    r"\b(numeric|decimal|varchar|char|character varying|character|timestamp|time)\s*\(\?(?:, \.\.\.)?\)", re.I
)
WORDS = 3
"""Words on either side of a hole that show where it is."""
PYFORMAT = re.compile(r"%s|%\(\w+\)s")


class Hole(Record, frozen=True, kw_only=True):
    """A place for a value, or for a list of them. Holes of one `name` hold the same value; marks have none."""

    many: bool = False
    name: str = ""


class Holed(Record, frozen=True, kw_only=True):
    """A statement as text around its holes: one more piece than there are holes."""

    pieces: tuple[str, ...]
    holes: tuple[Hole, ...]

    def readable(self) -> str:
        """Return the text for a parser, every hole a parameter called `hole0`, `hole1`, ..."""
        return _joined(
            self.pieces, [f"(:hole{at})" if hole.many else f":hole{at}" for at, hole in enumerate(self.holes)]
        )

    def executable(self, marker: str, lengths: Mapping[int, int], written: Mapping[int, str] | None = None) -> str:
        """Return the text for a driver; lists have as many markers as `lengths` says by number of the hole.

        What is `written` stands in the text itself, by number too.
        """
        doubled = marker == "%s"
        pieces = tuple(piece.replace("%", "%%") if doubled else piece for piece in self.pieces)
        marks = [
            (written or {}).get(at) or (f"({', '.join([marker] * lengths[at])})" if hole.many else marker)
            for at, hole in enumerate(self.holes)
        ]
        return _joined(pieces, marks)

    def around(self, number: int) -> str:
        """Return a hole with a few words on either side."""
        marks = ["(?, ...)" if hole.many else hole.name or "?" for hole in self.holes]
        before = _joined(self.pieces[: number + 1], marks[:number]).split(" ")
        after = _joined(self.pieces[number + 1 :], marks[number + 1 :]).split(" ")
        return " ".join(f"{' '.join(before[-WORDS:])}{marks[number]}{' '.join(after[:WORDS])}".split())


def _joined(pieces: tuple[str, ...], marks: list[str]) -> str:
    return "".join(piece + mark for piece, mark in zip(pieces, [*marks, ""], strict=True))


def take_apart(statement: str) -> Holed:
    """Find the holes of a normalised statement."""
    text = SIZES.sub(lambda found: found[1], statement.strip().rstrip("; \n"))
    if PYFORMAT.search(text):
        text = text.replace("%%", "%")
    pieces, holes, end = [], [], 0
    for found in HOLE.finditer(text):
        if found["quoted"]:
            continue
        pieces.append(text[end : found.start()])
        holes.append(Hole(many=found["list"] is not None, name=found["name"] or ""))
        end = found.end()
    return Holed(pieces=(*pieces, text[end:]), holes=tuple(holes))
