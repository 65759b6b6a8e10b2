"""Reads a statement of a run file: which tables it uses, how it filters, joins and orders them. Pure."""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from nineam.indexes.conditions import conditions, conjuncts
from nineam.indexes.holes import take_apart
from nineam.indexes.naming import SCOPES, Naming, own_part
from nineam.indexes.placing import places
from nineam.indexes.query import Query, Unreadable, Use
from nineam.indexes.repeating import may_be_repeated, may_be_written
from nineam.indexes.schema import Schema
from nineam.model.indexes import IndexPart

DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql"}
LONGEST = 4000
"""Characters of a statement that a run file keeps."""


def read_query(text: str, schema: Schema, kind: str) -> Query | None:
    """Read a statement; None for one that reads no table. Raises Unreadable, with the reason."""
    if len(text) >= LONGEST:
        raise Unreadable("it is longer than what the run keeps of a statement")
    holed = take_apart(text)
    tree = _parsed(holed.readable(), DIALECTS[kind])
    if tree is None or not isinstance(tree, exp.Query | exp.Update | exp.Delete | exp.Insert):
        return None
    if isinstance(tree, exp.Insert) and tree.find(exp.Select) is None:
        return None
    writes = may_be_written(tree)
    naming = Naming(tree, schema, DIALECTS[kind])
    if not naming.uses:
        return None
    may_be_repeated(tree, naming, kind, writes=writes)
    uses = [_use(naming, number) for number in range(len(naming.uses))]
    return Query(text=text, holed=holed, uses=tuple(uses), places=places(naming, holed), writes=writes)


def _parsed(text: str, dialect: str) -> exp.Expr | None:
    try:
        return sqlglot.parse_one(text, dialect=dialect)
    except (SqlglotError, RecursionError) as error:
        first = (str(error).splitlines() or ["?"])[0]
        raise Unreadable(f"it cannot be read: {first.removesuffix('.')}") from None


def _use(naming: Naming, number: int) -> Use:
    scope = naming.scope(number)
    found = [
        condition
        for each in _filters(scope)
        for one in conjuncts(each)
        for condition in conditions(one, naming, number)
    ]
    return Use(
        table=naming.uses[number],
        conditions=tuple(found),
        order=tuple(_order(scope, naming, number)),
        limited=scope.args.get("limit") is not None,
    )


def _filters(scope: exp.Expr) -> Iterator[exp.Expr]:
    where = scope.args.get("where")
    if where is not None:
        yield where.this
    for join in scope.find_all(exp.Join):
        if join.args.get("on") is not None and join.find_ancestor(*SCOPES) is scope:
            yield join.args["on"]


def _order(select: exp.Expr, naming: Naming, number: int) -> Iterator[IndexPart]:
    """Yield the order wanted of a use, as long as it is its own."""
    order = select.args.get("order")
    if order is None or select.args.get("group") is not None or select.args.get("distinct") is not None:
        return
    for each in order.expressions:
        part = own_part(_selected(each.this, select), naming, number)
        if part is None:
            return
        usual = bool(each.args.get("desc")) == (naming.dialect == "postgres")
        first = bool(each.args.get("nulls_first"))
        yield IndexPart(
            text=part.text,
            plain=part.plain,
            descending=bool(each.args.get("desc")),
            nulls="" if first == usual else "first" if first else "last",
        )


def _selected(wanted: exp.Expr, select: exp.Expr) -> exp.Expr:
    """Return what stands behind a position or an alias."""
    if isinstance(wanted, exp.Literal) and wanted.is_int and 0 < int(wanted.name) <= len(select.expressions):
        return select.expressions[int(wanted.name) - 1].unalias()  # type: ignore[no-any-return]
    if isinstance(wanted, exp.Column) and not wanted.table:
        for each in select.expressions:
            if isinstance(each, exp.Alias) and each.alias == wanted.name:
                return each.this  # type: ignore[no-any-return]
    return wanted
