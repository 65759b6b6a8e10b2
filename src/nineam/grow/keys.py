"""Which columns of a table's copies have to be different, and what is in the way of more copies."""

from collections.abc import Iterator

from nineam.grow.mapping import Keys, Remap, nothing, reference, remaps, route
from nineam.grow.narrow import narrowest
from nineam.grow.schema import Facts, Schema, Table, UniqueSet
from nineam.model.record import Record

PREFERENCE = ("integer", "uuid", "text", "bytes", "date", "number")
"""Of several columns that could be made different, which one: the least likely to mean something."""
NO_FACTS = Facts()


class Limit(Record, frozen=True, kw_only=True):
    """A table can have `factor` times its rows and no more; `why` says what is in the way.

    `roomy` limits are those of a key that does differ, as long as there is room for it.
    """

    factor: int
    why: str
    roomy: bool = False


def choose(schema: Schema, factors: dict[str, int]) -> tuple[Keys, dict[str, Limit]]:
    """Choose the columns to remap for these factors, by table, and say which factors are too large."""
    keys: Keys = {name: {} for name in schema.tables}
    limits: dict[str, Limit] = {}
    stuck: dict[str, Limit] = {}
    for table in parents_first(schema):
        if factors[table.name] == 1:
            continue
        for unique in sorted(table.uniques, key=lambda each: len(each.columns)):
            limit = _satisfy(schema, table, unique, keys, factors)
            if limit is None:
                continue
            if limit.factor >= factors[table.name] and not limit.roomy:
                stuck[table.name] = Limit(factor=1, why=limit.why)
            elif limit.factor < limits.get(table.name, Limit(factor=factors[table.name], why="")).factor:
                limits[table.name] = limit
        _in_fact(schema, table, keys, factors)
    return keys, limits or stuck


def _satisfy(schema: Schema, table: Table, unique: UniqueSet, keys: Keys, factors: dict[str, int]) -> Limit | None:
    """See to it that copies differ in one column of a unique set; what limits them when none can."""
    if _differs(schema, table, unique, keys, factors):
        return None
    ways = [(found, _room(schema, table, found, factors)) for found in _ways(schema, table, unique, factors)]
    roomy = [(found, limit) for found, limit in ways if limit is None or limit.factor >= factors[table.name]]
    if not roomy and (column := _may_be_null(schema, table, unique)):
        roomy = [(nothing(table, table.column(column), factors[table.name] - 1), None)]
    if ways or roomy:
        found, limit = next(iter(roomy), None) or max(ways, key=lambda way: way[1].factor if way[1] else 0)
        keys[table.name][found.column] = found
        return limit
    parents = [factors[step[0]] for name in unique.columns if (step := reference(table, name)) is not None]
    named = ", ".join(unique.columns)
    if parents:
        return Limit(factor=max(parents), why=f"({named}) is unique, and what it refers to is not multiplied further")
    return Limit(factor=1, why=f"({named}) is unique, and nineam knows no other value for it")


def _ways(schema: Schema, table: Table, unique: UniqueSet, factors: dict[str, int]) -> Iterator[Remap]:
    for column in _candidates(table, unique):
        yield from remaps(table, table.column(column), _facts(schema, table, column), factors[table.name] - 1)


def _facts(schema: Schema, table: Table, column: str) -> Facts:
    return schema.facts.get(table.name, {}).get(column, NO_FACTS)


def _may_be_null(schema: Schema, table: Table, unique: UniqueSet) -> str:
    """Return a full text of a unique set that copies may leave out, because nobody refers to it; empty when none."""
    return next(
        (
            column.name
            for column in table.stored
            if column.name in unique.columns
            and column.nullable
            and (column.kind, column.longest is None) == ("text", False)
            and unique.name != "primary key"
            and reference(table, column.name) is None
            and not _referred(schema, table, column.name)
        ),
        "",
    )


def _referred(schema: Schema, table: Table, column: str) -> bool:
    return any(
        key.parent == table.name and column in key.referenced
        for other in schema.tables.values()
        for key in other.foreign_keys
    )


def _in_fact(schema: Schema, table: Table, keys: Keys, factors: dict[str, int]) -> None:
    """Let copies differ where the originals do though nothing says that they must, as far as there is room."""
    for column in table.in_fact:
        if route(schema, table, column, keys, factors) is not None:
            continue
        for found in remaps(table, table.column(column), _facts(schema, table, column), factors[table.name] - 1):
            limit = _room(schema, table, found, factors)
            if limit is None or limit.factor >= factors[table.name]:
                keys[table.name][column] = found
                break


def _differs(schema: Schema, table: Table, unique: UniqueSet, keys: Keys, factors: dict[str, int]) -> bool:
    """Whether each copy has a value of its own in some column of the set already."""
    for column in unique.columns:
        if all(name != column for name in (each.name for each in table.stored)):
            continue
        found = route(schema, table, column, keys, factors)
        if found is not None and not found.moduli:
            return True
    return any(_empty(schema, table, column) for column in unique.columns)


def _empty(schema: Schema, table: Table, column: str) -> bool:
    """Whether a key column holds nothing but NULL, which is unlike any other NULL."""
    facts = schema.facts.get(table.name, {}).get(column)
    return facts is not None and facts.form == "" and facts.low is None


def _candidates(table: Table, unique: UniqueSet) -> Iterator[str]:
    own = [each for each in table.stored if each.name in unique.columns and reference(table, each.name) is None]
    usable = [each for each in own if each.kind in PREFERENCE]
    yield from (each.name for each in sorted(usable, key=lambda each: PREFERENCE.index(each.kind)))


def _room(schema: Schema, table: Table, found: Remap, factors: dict[str, int]) -> Limit | None:
    key = table.column(found.column)
    most, (holder, column) = narrowest(schema, table, key, _facts(schema, table, key.name), factors, found.code)
    if most < 0:
        return None
    own = (holder.name, column.name) == (table.name, key.name)
    named = f"{key.name} ({key.type})" if own else f"{holder.name}.{column.name} ({column.type}), which refers to it,"
    return Limit(factor=most + 1, why=f"{named} has no room for more", roomy=True)


def parents_first(schema: Schema) -> list[Table]:
    """Order tables so that what is referred to comes before what refers to it, wherever that is possible."""
    done: dict[str, Table] = {}

    def visit(table: Table, path: frozenset[str]) -> None:
        for key in table.foreign_keys:
            if key.parent not in done and key.parent not in path:
                visit(schema.tables[key.parent], path | {key.parent})
        done.setdefault(table.name, table)

    for table in schema.tables.values():
        visit(table, frozenset({table.name}))
    return list(done.values())
