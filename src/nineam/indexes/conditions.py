"""What one condition of a statement asks of a table's columns. Pure."""

from collections.abc import Iterator

from sqlglot import exp

from nineam.indexes.naming import Naming, columns_of, own_part
from nineam.indexes.query import Condition
from nineam.model.indexes import IndexPart

EQUAL = (exp.EQ, exp.NullSafeEQ)
RANGE = (exp.LT, exp.LTE, exp.GT, exp.GTE)
ANYTHING = 2
"""Parts of a pattern such as `'%' || parameter`: more than the parameter and what follows it."""


def conjuncts(expression: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the conditions that all have to hold."""
    return parted(expression, exp.And)


def parted(expression: exp.Expr, by: type[exp.And | exp.Or]) -> Iterator[exp.Expr]:
    """Yield what stands between the ANDs, or ORs, of an expression."""
    bare = expression.unnest()
    if isinstance(bare, by):
        yield from parted(bare.this, by)
        yield from parted(bare.expression, by)
    else:
        yield bare


def conditions(one: exp.Expr, naming: Naming, use: int) -> Iterator[Condition]:
    """Yield what a condition asks of one use of a table; nothing when no index could answer it."""
    if isinstance(one, EQUAL + RANGE):
        kind = "equal" if isinstance(one, EQUAL) else "range"
        yield from _compared(one.this, one.expression, kind, naming, use)
        yield from _compared(one.expression, one.this, kind, naming, use)
    elif isinstance(one, exp.In):
        yield from _condition("join" if one.args.get("query") else "equal", one.this, naming, use)
    elif isinstance(one, exp.Between):
        yield from _condition("range", one.this, naming, use)
    elif isinstance(one, exp.Is) and isinstance(one.expression, exp.Null | exp.Boolean):
        yield from _condition("equal", one.this, naming, use)
    elif isinstance(one, exp.Escape):
        yield from conditions(one.this, naming, use)
    elif isinstance(one, exp.Like | exp.ILike):
        yield from _condition("range" if is_prefix(one) else "pattern", one.this, naming, use)
    elif isinstance(one, exp.Or):
        yield from _either(one, naming, use)
    elif isinstance(one, exp.Column | exp.Not):
        bare = one.this.unnest() if isinstance(one, exp.Not) else one
        if isinstance(bare, exp.Column):
            yield from _condition("equal", bare, naming, use)


def is_prefix(like: exp.Expr) -> bool:
    """Whether a pattern is a parameter with an ending put to it by the statement (`parameter || '%'`)."""
    return isinstance(like, exp.Like) and len(pattern_parts(like)) == ANYTHING


def pattern_parts(like: exp.Expr) -> list[exp.Expr]:
    """Return what a pattern is put together from."""
    whole = like.expression.unnest()
    if isinstance(whole, exp.Concat):
        return list(whole.expressions)
    parts: list[exp.Expr] = []
    while isinstance(whole, exp.DPipe):
        parts.insert(0, whole.expression)
        whole = whole.this.unnest()
    return [whole, *parts]


def _compared(side: exp.Expr, other: exp.Expr, kind: str, naming: Naming, use: int) -> Iterator[Condition]:
    """Yield a comparison of one side, unless the other one changes with the same row."""
    if columns_of(side, naming, use):
        uses = {found[0] for each in other.find_all(exp.Column) if (found := naming.find(each))}
        if use not in uses:
            yield from _condition("join" if uses and kind == "equal" else kind, side, naming, use)


def _condition(kind: str, side: exp.Expr, naming: Naming, use: int) -> Iterator[Condition]:
    part = own_part(side, naming, use)
    if part is not None:
        yield Condition(kind=kind, part=part, columns=columns_of(side, naming, use))  # type: ignore[arg-type]


def _either(one: exp.Expr, naming: Naming, use: int) -> Iterator[Condition]:
    """Yield what alternatives ask when all of them ask it of the same column: then they are a list."""
    asked = [tuple(conditions(each, naming, use)) for each in parted(one, exp.Or)]
    parts: set[IndexPart] = {each.part for found in asked for each in found if each.kind == "equal"}
    if len(parts) == 1 and all(len(found) == 1 for found in asked):
        yield asked[0][0]
