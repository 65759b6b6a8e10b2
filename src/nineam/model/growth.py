"""What a run on a grown clone of the database came to: the third column, and how endpoints grow with the data."""

from typing import Literal

from nineam.model.endpoint import PhaseResult
from nineam.model.record import Record

Shape = Literal["constant", "log", "linear", "quadratic", "power", "cannot-tell"]


class GrowthPoint(Record, frozen=True, kw_only=True):
    """What one polite user's request took, in milliseconds, when the database had so many rows.

    Of a statement: what it took of the request, and how often the request executed it.
    """

    rows: int
    ms: float
    executions: float | None = None


class Growth(Record, frozen=True, kw_only=True):
    """How an endpoint, or one of its statements, grows with the rows of the tables that grow.

    `exponent` and its 95 % interval `low` to `high` are of the part that grows, as rows ** exponent; None where nothing
    grows, or nobody can tell. `times` is what the request takes with all rows over what it takes with the original's.
    `layer` is where most of what was added is spent; `reason` is why it cannot be told.
    """

    endpoint: str
    statement: str = ""
    shape: Shape = "cannot-tell"
    exponent: float | None = None
    low: float | None = None
    high: float | None = None
    times: float | None = None
    layer: str = ""
    points: tuple[GrowthPoint, ...] = ()
    reason: str = ""


class GrownTable(Record, frozen=True, kw_only=True):
    """How many rows a table has, and had in the clone."""

    rows: int
    after: int


class Grown(Record, frozen=True, kw_only=True):
    """Localhost and Monday again, on a grown clone of the application's database.

    `variable` of its environment led it there. `proven` says whether the clone's own statistics show that the
    application used it, `proof` what they show, or why they do not tell. `monday` has the load of the run's own
    Monday, `held` says whether the objective did, `broke` why not; `problem` is why there is less than that. `suspects`
    are endpoints that answer on the original, and on the smallest clone with an error, by name: nothing is judged by
    them.
    """

    database: str
    variable: str
    rows: int
    after: int
    tables: dict[str, GrownTable] = {}
    proven: bool = False
    proof: str = ""
    localhost: PhaseResult = PhaseResult()
    monday: PhaseResult = PhaseResult()
    held: bool | None = None
    growth: tuple[Growth, ...] = ()
    problem: str = ""
    broke: str = ""
    suspects: dict[str, str] = {}
