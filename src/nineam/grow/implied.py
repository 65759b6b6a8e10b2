"""References that no constraint declares: `orders.user_id` beside a table `users`, when every value is a user's key."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from nineam.grow.schema import ForeignKey, Table

ENDINGS = ("_id", "_uuid", "Id", "ID")
Included = Callable[[Table, str, Table, str], bool]
"""Whether every value of a table's column is a value of the other table's column."""


def with_implied(tables: dict[str, Table], included: Included) -> dict[str, Table]:
    """Add the references that names suggest and values confirm; they are marked as implied."""
    return {name: _with_implied(table, tables, included) for name, table in tables.items()}


def _with_implied(table: Table, tables: dict[str, Table], included: Included) -> Table:
    found = [
        ForeignKey(columns=(column,), parent=parent.name, referenced=(key,), implied=True)
        for column, parent, key in _suggested(table, tables)
        if included(table, column, parent, key)
    ]
    return replace(table, foreign_keys=(*table.foreign_keys, *found)) if found else table


def _suggested(table: Table, tables: dict[str, Table]) -> Iterator[tuple[str, Table, str]]:
    """Give columns that are called after another table, that table, and its key."""
    if table.fixed or not table.rows:
        return
    declared = {column for key in table.foreign_keys for column in key.columns}
    own = {each for unique in table.uniques if unique.name == "primary key" for each in unique.columns}
    for column in table.stored:
        if column.name in declared or own == {column.name}:
            continue
        parent = next((tables[each] for each in _tables_called(column.name, table.schema, tables)), None)
        key = _single_key(parent) if parent is not None else ""
        if parent is not None and key and parent.column(key).kind == column.kind:
            yield column.name, parent, key


def _tables_called(column: str, schema: str, tables: dict[str, Table]) -> Iterator[str]:
    ending = next((each for each in ENDINGS if column.endswith(each) and len(column) > len(each)), "")
    if not ending:
        return
    noun = column[: -len(ending)].lower()
    called = {noun, f"{noun}s", f"{noun}es", f"{noun[:-1]}ies" if noun.endswith("y") else noun}
    yield from (name for name, each in tables.items() if each.schema == schema and each.relation.lower() in called)


def _single_key(table: Table) -> str:
    """Return the column that is a table's whole key, an empty string when there is none or the table is empty."""
    keys = [unique.columns for unique in table.uniques if unique.name == "primary key"]
    return keys[0][0] if table.rows and keys and len(keys[0]) == 1 else ""
