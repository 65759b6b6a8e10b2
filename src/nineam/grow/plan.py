"""How many times each table is to grow, and why not more: pure."""

from collections.abc import Iterator

from nineam.errors import UsageError, nearest
from nineam.grow.conflicts import conflicting
from nineam.grow.keys import choose
from nineam.grow.mapping import Keys
from nineam.grow.reference_tables import unchanging
from nineam.grow.schema import Schema, Table
from nineam.grow.wish import Wish
from nineam.model.record import Record


class TablePlan(Record, frozen=True, kw_only=True):
    """A table of `rows` rows will have `factor` times as many; `why` says what holds it, when something does."""

    name: str
    rows: int
    factor: int
    why: str = ""

    @property
    def after(self) -> int:
        """The rows it will have."""
        return self.rows * self.factor


class Plan(Record, frozen=True, kw_only=True):
    """What is to be done: tables by name, and the keys that copies are given."""

    tables: dict[str, TablePlan]
    keys: Keys
    depth: float = 0.0

    @property
    def factors(self) -> dict[str, int]:
        """How many times each table grows."""
        return {name: table.factor for name, table in self.tables.items()}

    @property
    def added(self) -> int:
        """The rows that will be written."""
        return sum(table.after - table.rows for table in self.tables.values())

    @property
    def held(self) -> dict[tuple[int, str], list[str]]:
        """The names of tables that do not grow as far as was wished, by their factor and what holds them."""
        found: dict[tuple[int, str], list[str]] = {}
        for table in self.tables.values():
            if table.why:
                found.setdefault((table.factor, table.why), []).append(table.name)
        return found

    @property
    def unlike(self) -> tuple[list[str], list[str]]:
        """The columns that copies leave NULL, and those that differ in copies though nothing says that they must."""
        all_keys = [(f"{remap.table}.{remap.column}", remap) for keys in self.keys.values() for remap in keys.values()]
        return [name for name, remap in all_keys if remap.method == "null"], [
            name for name, remap in all_keys if remap.in_fact
        ]

    def size(self, schema: Schema) -> int:
        """Estimate how many bytes the clone takes."""
        return sum(table.size * self.factors[name] for name, table in schema.tables.items())


def make_plan(schema: Schema, wish: Wish, failed: dict[str, str] | None = None) -> Plan:
    """Plan the growth; `failed` are tables that refused copies when it was tried, with the reason.

    Raises UsageError for a wish that cannot be met: unknown tables, nothing to copy, fewer rows than there are.
    """
    _check_names(schema, wish)
    held = _held(schema, wish) | (failed or {})
    wanted = _wanted(schema, wish, held)
    factors, why = dict(wanted), dict(held)
    while True:
        keys, limits = choose(schema, factors)
        limits = limits or conflicting(schema, keys, factors)
        if not limits:
            break
        for name, limit in limits.items():
            factors[name], why[name] = limit.factor, limit.why
    tables = {
        name: TablePlan(name=name, rows=table.rows, factor=factors[name], why=why.get(name, ""))
        for name, table in schema.tables.items()
    }
    return Plan(tables=tables, keys=keys, depth=wish.depth)


def _check_names(schema: Schema, wish: Wish) -> None:
    for name in (*wish.like, *wish.keep):
        if name not in schema.tables:
            close = nearest(name, schema.tables)
            raise UsageError(
                f"there is no table {name!r}" + (f"; did you mean {close}?" if close else ""),
                hint=f"the tables are {', '.join(sorted(schema.tables)) or 'none'}",
            )
    for name in wish.like:
        if reason := _cannot(schema.tables[name]):
            raise UsageError(f"--like {name}: {reason}", hint="grow needs rows to copy; a few dozen varied ones do")


def _cannot(table: Table) -> str:
    return table.fixed or ("" if table.rows else "it is empty, so there is nothing to copy")


def _held(schema: Schema, wish: Wish) -> dict[str, str]:
    """Return the tables that stay as they are, with the reason."""
    held = {}
    for name, table in schema.tables.items():
        reason = _cannot(table) or ("as you asked" if name in wish.keep else "")
        if not reason and name not in wish.like:
            reason = unchanging(schema, table)
        if reason:
            held[name] = reason
    return held


def _wanted(schema: Schema, wish: Wish, held: dict[str, str]) -> dict[str, int]:
    growing = [table for name, table in schema.tables.items() if name not in held]
    if not growing:
        reasons = [f"{name}: {why}" for name, why in held.items()]
        raise UsageError(
            "no table of this database can grow", details=reasons, hint="put a few dozen varied rows into it first"
        )
    if wish.like:
        return _by_table(schema, wish, held)
    factor = wish.times or _factor_for(wish.rows or 0, schema, growing)
    return {name: 1 if name in held else factor for name in schema.tables}


def _factor_for(rows: int, schema: Schema, growing: list[Table]) -> int:
    there = sum(table.rows for table in schema.tables.values())
    movable = sum(table.rows for table in growing)
    factor = round((rows - (there - movable)) / movable)
    if factor < 2:
        raise UsageError(
            f"--rows {rows:,}: the database has {there:,} rows already, and tables grow by whole multiples",
            hint=f"ask for {there + movable:,} rows or more",
        )
    return factor


def _by_table(schema: Schema, wish: Wish, held: dict[str, str]) -> dict[str, int]:
    """Give named tables what was asked for, and let tables that refer to them follow."""
    factors = dict.fromkeys(schema.tables, 1)
    for name, rows in wish.like.items():
        factors[name] = 1 if name in held else max(1, round(rows / schema.tables[name].rows))
        if rows < schema.tables[name].rows:
            raise UsageError(
                f"--like {name}={rows:,}: it has {schema.tables[name].rows:,} rows already, and nineam removes none",
                hint=f"ask for more, or leave {name} out",
            )
    followers = [name for name in schema.tables if name not in wish.like and name not in held]
    for _ in schema.tables:
        for name in followers:
            factors[name] = max((factors[name], *(factors[parent] for parent in _parents(schema.tables[name]))))
    return factors


def _parents(table: Table) -> Iterator[str]:
    return (key.parent for key in table.foreign_keys if key.parent != table.name)
