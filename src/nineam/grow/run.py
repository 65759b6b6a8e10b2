"""Grows a clone: tries it in the small, fills it table by table, brings everything back and validates it."""

from collections.abc import Callable

from nineam.errors import ApplicationError
from nineam.grow.database import Clone, Made, Refused, Source
from nineam.grow.filling import Filled, Filling, assumed, fill
from nineam.grow.in_fact import repeating
from nineam.grow.likeness import Likeness, compare
from nineam.grow.plan import Plan, make_plan
from nineam.grow.schema import Schema, Table
from nineam.grow.statements import chunks
from nineam.grow.wish import Wish
from nineam.model.record import Record

CHUNK = 100_000
"""Rows per statement: seldom enough to cost nothing, often enough to show."""


NOT_GROWING = ("copy", "fill", "check")
"""Stages that are no part of growing."""


class Progress(Record, frozen=True, kw_only=True):
    """What is going on: `stage` in a few words, and rows written of all that are to be."""

    stage: str
    rows: int
    total: int


class Grown(Record, frozen=True, kw_only=True):
    """What came of it: the clone, the plan as it was carried out, and the seconds by stage."""

    made: Made
    plan: Plan
    seconds: dict[str, float]
    likeness: Likeness | None = None
    filled: Filled = Filled()

    @property
    def spent(self) -> float:
        """Seconds of growing, indexes and validation included; copying, making up and comparing are left out."""
        return sum(seconds for stage, seconds in self.seconds.items() if stage not in NOT_GROWING)

    @property
    def rows_per_second(self) -> float:
        """Rows added per second of growing."""
        return self.plan.added / self.spent if self.spent else 0.0


Listener = Callable[[Progress], None]
Clock = Callable[[], float]


def grow(  # noqa: PLR0913 - options, by their names
    source: Source,
    schema: Schema,
    wish: Wish,
    name: str,
    *,
    replace: bool,
    hear: Listener,
    now: Clock,
    check: bool = False,
    filling: Filling | None = None,
) -> Grown:
    """Make and grow a clone called `name`; `now` is a clock in seconds. A half-made clone is removed, whatever happens.

    With `check` it is compared with the original before it gets its name; with `filling` empty tables get rows first.

    Raises UsageError when a clone cannot be made, ApplicationError when the database gives up in the middle.
    """
    original, filled = schema, Filled()
    plan = make_plan(assumed(schema, wish, filling) if filling else schema, wish)
    watch = Stopwatch(now, hear, plan.added)
    watch.begin("copy", "copying the original")
    clone = source.clone(name, replace=replace)
    try:
        if filling:
            watch.begin("fill", "making up rows for empty tables")
            schema, filled = fill(clone, schema, wish, filling)
            plan = make_plan(schema, wish, filled.failed)
        watch.begin("try", "trying the first and the last copy")
        clone.loosen(_growing(schema, plan))
        plan = _tried(clone, schema, wish, plan, filled.failed)
        watch.total = plan.added
        _fill(clone, schema, plan, watch)
        watch.begin("validate", "bringing back indexes and references")
        clone.tighten()
        watch.begin("analyze", "analysing")
        clone.finish(schema)
        likeness = _compared(source, clone, original, plan, watch) if check else None
        made = clone.publish()
    except BaseException:
        clone.discard()
        raise
    watch.begin("", "done")
    return Grown(made=made, plan=plan, seconds=watch.seconds, likeness=likeness, filled=filled)


def _compared(source: Source, clone: Clone, schema: Schema, plan: Plan, watch: "Stopwatch") -> Likeness:
    watch.begin("check", "comparing with the original")
    likeness = compare(source.ask, clone.ask, schema, plan, clone.dialect)
    if wrong := (*likeness.lost, *likeness.broken):
        said = f"{len(likeness.lost)} constraints, indexes or triggers are lost, {len(likeness.broken)} things broken"
        raise ApplicationError(f"the clone is not sound: {said}", details=wrong, hint="please report this")
    return likeness


class Stopwatch:
    """Tells a listener what goes on, and keeps how long it took."""

    def __init__(self, now: Clock, hear: Listener, total: int) -> None:
        self._now = now
        self._hear = hear
        self._stage = ""
        self._began = now()
        self._rows = 0
        self.total = total
        self.seconds: dict[str, float] = {}

    def begin(self, stage: str, words: str) -> None:
        """End the stage before and begin another."""
        moment = self._now()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + moment - self._began
        self._stage, self._began = stage, moment
        self.tell(words, 0)

    def tell(self, words: str, rows: int) -> None:
        """Add rows and tell."""
        self._rows += rows
        self._hear(Progress(stage=words, rows=self._rows, total=self.total))


def _growing(schema: Schema, plan: Plan) -> list[Table]:
    return [table for name, table in schema.tables.items() if plan.tables[name].factor > 1]


def _tried(clone: Clone, schema: Schema, wish: Wish, plan: Plan, failed: dict[str, str]) -> Plan:
    """Try every table, and plan again without those that refuse, until nobody does.

    A table that refuses what is made different because all its values differ gets another try without that.
    """
    passed: dict[str, tuple[int, object]] = {}
    while True:
        refused, eased = dict(failed), schema
        for table in _growing(schema, plan):
            state = (plan.tables[table.name].factor, plan.keys)
            if passed.get(table.name) == state:
                continue
            try:
                clone.attempt(schema, table, plan)
                passed[table.name] = state
            except Refused as reason:
                if table.in_fact:
                    eased = repeating(eased, table)
                else:
                    refused[table.name] = str(reason)
        if refused == failed and eased is schema:
            return plan
        failed, schema = refused, eased
        plan = make_plan(schema, wish, failed)


def _fill(clone: Clone, schema: Schema, plan: Plan, watch: Stopwatch) -> None:
    tables = _growing(schema, plan)
    watch.begin("insert", "putting indexes aside")
    clone.thin(tables)
    for table in tables:
        watch.tell(table.name, 0)
        clone.stage(schema, table, plan)
        for part in chunks(table.rows, plan.tables[table.name].factor - 1, CHUNK):
            try:
                watch.tell(table.name, clone.insert(schema, table, plan, part))
            except Refused as reason:
                raise ApplicationError(
                    f"{table.name}: {reason}", hint=f"leave it as it is with --keep {table.name}"
                ) from None
