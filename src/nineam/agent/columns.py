"""How wide the columns of a result are: now and then a few of its rows are looked at.

Names of columns and lengths of values leave the process, values never.
"""

from . import wire

FIRST_NS = 500_000_000
LONGEST_NS = 60_000_000_000
APART_NS = 50_000_000
MOST_ROWS = 5
MOST_COLUMNS = 200
NEVER = 2**63
OTHER_BYTES = 8  # of numbers, dates and whatever else has no length

_columns = {}


def columns_of(agent):
    """Return the one `Columns` of this process's agent."""
    if _columns.get("agent") is not agent:
        _columns.update(agent=agent, columns=Columns(agent.recorder))
    return _columns["columns"]


class Columns:
    """Looks at a statement's rows at most twice a second and ever more rarely, so that all have their turn.

    Together they are looked at twenty times a second at most. `due` maps a statement to when it may be looked at again;
    one that is not in there was never looked at.
    """

    __slots__ = ("_pauses", "_recorder", "_rests", "due")

    def __init__(self, recorder):
        self._recorder = recorder
        self._rests = 0
        self._pauses = {}
        self.due = {}

    def look(self, statement, now, rows, names, args):
        """Say how long the values in a few of `rows` are; `names(args)` returns those of the columns, in order."""
        if now < self._rests:
            return
        pause = self._pauses[statement] = min(2 * self._pauses.get(statement, FIRST_NS // 2), LONGEST_NS)
        self.due[statement], self._rests = now + pause, now + APART_NS
        try:
            some = [_lengths(row) for row in rows[:: max(1, len(rows) // MOST_ROWS)][:MOST_ROWS]]
            named = list(map(str, names(args)))
            if len(named) == len(some[0]):
                sizes = [(name, sum(row[at] for row in some)) for at, name in enumerate(named[:MOST_COLUMNS])]
                self._recorder.event(wire.COLUMNS, [statement, len(some), sizes])
        except Exception:
            self.due[statement] = NEVER  # rows of a kind that is not known: their statement goes without


def _lengths(row):
    return [_length(value) for value in (row.values() if isinstance(row, dict) else row)]


def _length(value):
    if value is None:
        return 0
    if isinstance(value, (str, bytes, bytearray)):
        return len(value)
    return value.nbytes if isinstance(value, memoryview) else OTHER_BYTES
