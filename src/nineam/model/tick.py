"""What was counted in one interval, placed on the wall clock: what exports over time are made of."""

from nineam.model.load import LoadStats
from nineam.model.record import Record


class Tick(Record, frozen=True, kw_only=True):
    """About half a second of a phase, which ended at `at_s` (Unix time) and took `seconds`.

    `kind` and `stair` are those of its phase, `vus` the users who were active at its end
    (of several ticks together: at the most).
    """

    kind: str
    stair: int = 0
    at_s: float
    seconds: float
    vus: int = 0
    stats: LoadStats = LoadStats()
