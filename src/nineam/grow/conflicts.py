"""Columns that take part in several references have to follow all of them to the same row."""

from nineam.grow.keys import Limit
from nineam.grow.mapping import Keys, Route, route
from nineam.grow.schema import ForeignKey, Schema, Table


def conflicting(schema: Schema, keys: Keys, factors: dict[str, int]) -> dict[str, Limit]:
    """Limit the tables around the first reference whose columns would be led to different rows."""
    for table in schema.tables.values():
        if factors[table.name] == 1:
            continue
        for key in table.foreign_keys:
            if not key.implied and not _followed(schema, table, key, keys, factors):
                return _levelled(table, key, factors)
    return {}


def _followed(schema: Schema, table: Table, key: ForeignKey, keys: Keys, factors: dict[str, int]) -> bool:
    """Whether every column of a reference becomes what the column that it refers to becomes."""
    parent = schema.tables[key.parent]
    for column, referenced in zip(key.columns, key.referenced, strict=True):
        ours = route(schema, table, column, keys, factors)
        theirs = route(schema, parent, referenced, keys, factors) if factors[key.parent] > 1 else None
        if ours != _from(theirs, factors[table.name], factors[key.parent]):
            return False
    return True


def _from(found: Route | None, own: int, parent: int) -> Route | None:
    """Return a parent's route as its child sees it, whose copies are numbered on their own."""
    if found is None or parent >= own:
        return found
    smaller = tuple(modulus for modulus in found.moduli if modulus < parent)
    return Route(remap=found.remap, moduli=(parent, *smaller))


def _levelled(table: Table, key: ForeignKey, factors: dict[str, int]) -> dict[str, Limit]:
    """Give a table and all that it refers to the same factor, the smallest there is."""
    around = {table.name, key.parent, *(each.parent for each in table.foreign_keys)}
    growing = {name for name in around if factors[name] > 1}
    lowest = min(factors[name] for name in growing)
    if all(factors[name] == lowest for name in growing):
        lowest = 1
        growing = {table.name}
    why = f"({', '.join(key.columns)}) refers to several tables at once"
    return {name: Limit(factor=lowest, why=why) for name in growing if factors[name] > lowest}
