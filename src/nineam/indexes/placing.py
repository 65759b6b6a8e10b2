"""What each hole of a statement stands for: a column whose values it takes, a limit, nothing that matters. Pure."""

from sqlglot import exp

from nineam.indexes.assigned import assigned
from nineam.indexes.conditions import is_prefix, pattern_parts
from nineam.indexes.holes import Holed
from nineam.indexes.naming import Naming, columns_of, expression_text
from nineam.indexes.query import Comparison, Fixed, Place, Unreadable

THROUGH = (exp.Paren, exp.Cast, exp.Any, exp.Array, exp.Lower, exp.Upper, exp.Tuple)
"""What may stand around a hole without changing what it is compared with."""
AROUND: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Fixed], ...] = (
    ((exp.Limit, exp.Fetch), "limit"),
    (exp.Offset, "offset"),
    (exp.Escape, "escape"),
    (exp.AtTimeZone, "zone"),
)
LOWER = (exp.GT, exp.GTE)
UPPER = (exp.LT, exp.LTE)
CONDITIONS = (exp.Where, exp.Having, exp.And, exp.Or, exp.Not, exp.Filter)
SAME = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)


def places(naming: Naming, holed: Holed) -> tuple[Place, ...]:
    """Say what every hole stands for. Raises Unreadable when one of them cannot be told."""
    holes = holed.holes
    found: dict[int, Place] = {}
    unclear: list[int] = []
    for each in naming.tree.find_all(exp.Placeholder):
        number = int(each.name.removeprefix("hole")) if each.name.startswith("hole") else -1
        place = _place(each, number, naming)
        if place is None:
            unclear.append(number)
        else:
            found[number] = place
    for number in unclear:
        found[number] = _namesake(number, found, holed)
    if set(found) != set(range(len(holes))):
        raise Unreadable("a parameter of it was not found again")
    return tuple(found[number] for number in range(len(holes)))


def _namesake(number: int, found: dict[int, Place], holed: Holed) -> Place:
    """Return what a hole of the same name stands for: both hold one value."""
    name = holed.holes[number].name
    for other, place in found.items():
        if name and holed.holes[other].name == name:
            return Place(hole=number, kind=place.kind, use=place.use, expression=place.expression)
    which = name or f"value {number + 1} of {len(holed.holes)}"
    raise Unreadable(f"{which} (`{holed.around(number)}`) was not kept, and no column says which values it may have")


def _place(hole: exp.Expr, number: int, naming: Naming) -> Place | None:
    inner, around = _outside(hole)
    fixed: Fixed | None = next((kind for kinds, kind in AROUND if isinstance(around, kinds)), None)
    if _is_condition(inner, around):
        fixed = "true"
    if fixed is not None:
        return Place(hole=number, kind=fixed)
    if isinstance(around, exp.Group | exp.Ordered):
        return _ordinal(hole, number, around)
    given = assigned(hole, number, naming)
    if given is not None:
        return given
    kind, compared = _compared(hole, inner, around)
    if compared is None:
        return _uncompared(hole, number)
    for use in range(len(naming.uses)):
        if columns_of(compared, naming, use) and _can_be_drawn(compared):
            return Place(hole=number, kind=kind, use=use, expression=expression_text(compared.unnest(), naming))
    return _uncompared(hole, number)


def _is_condition(inner: exp.Expr, around: exp.Expr | None) -> bool:
    """Whether a value is a condition by itself."""
    if isinstance(around, exp.Join):
        return around.args.get("on") is inner
    if isinstance(around, exp.If):
        case = around.parent if isinstance(around.parent, exp.Case) else around
        return not case.this if around.this is inner and case is not around else _is_condition(*_outside(case))
    if isinstance(around, exp.Case):
        return around.this is not inner and _is_condition(*_outside(around))
    return isinstance(around, CONDITIONS)


def _outside(inner: exp.Expr) -> tuple[exp.Expr, exp.Expr | None]:
    """Return an expression with what changes nothing around it, and what it stands in."""
    around = inner.parent
    while isinstance(around, THROUGH) or (isinstance(around, exp.DPipe) and _pattern_around(around)):
        inner, around = around, around.parent
    return inner, around


def _can_be_drawn(compared: exp.Expr) -> bool:
    """Whether values of an expression can be read from a table: there are no holes in it but time zones."""
    holes = compared.find_all(exp.Placeholder)
    return compared.find(exp.Query) is None and all(isinstance(each.parent, exp.AtTimeZone) for each in holes)


def _ordinal(hole: exp.Expr, number: int, around: exp.Expr) -> Place | None:
    """Return which selected column is grouped or ordered by, where only one assignment is possible.

    What is not aggregated has to be grouped by; an ORM orders by the number of what it has computed.
    """
    select = hole.find_ancestor(exp.Select)
    clause = around if isinstance(around, exp.Group) else around.parent
    if select is None or clause is None:
        return None
    bare = [each.this if isinstance(each, exp.Ordered) else each for each in clause.expressions]
    wanted = [each for each in bare if isinstance(each, exp.Placeholder)]
    named = {each.sql() for each in bare}
    computed = isinstance(around, exp.Ordered)
    fitting = [
        at
        for at, each in enumerate(select.expressions, 1)
        if (each.find(exp.AggFunc) is not None) == computed and each.unalias().sql() not in named
    ]
    if len(fitting) != len(wanted):
        return None
    place = next(at for at, each in enumerate(wanted) if each is hole)
    return Place(hole=number, kind="ordinal", number=fitting[place])


def _pattern_around(around: exp.Expr) -> bool:
    return around.find_ancestor(exp.Like, exp.ILike) is not None


def _compared(hole: exp.Expr, inner: exp.Expr, around: exp.Expr | None) -> tuple[Comparison, exp.Expr | None]:
    """Return how a hole is compared, and with what; with nothing when it is not."""
    if isinstance(around, SAME + LOWER + UPPER):
        left = around.this is inner
        other = around.expression if left else around.this
        array = hole.find_ancestor(exp.Any) is not None and isinstance(around, SAME)
        return _direction(around, left=left, array=array), other
    if isinstance(around, exp.In) and around.this is not inner:
        return "list" if len(around.expressions) == 1 else "member", around.this
    if isinstance(around, exp.Between) and around.this is not inner:
        return "low" if around.args["low"] is inner else "high", around.this
    if isinstance(around, exp.Like | exp.ILike) and around.this is not inner:
        return _in_pattern(hole, around), around.this
    return "equal", None


def _direction(around: exp.Expr, *, left: bool, array: bool) -> Comparison:
    if array:
        return "array"
    if isinstance(around, SAME):
        return "equal"
    return "low" if isinstance(around, LOWER) != left else "high"


def _in_pattern(hole: exp.Expr, like: exp.Expr) -> Comparison:
    parts = pattern_parts(like)
    if len(parts) == 1:
        return "pattern"
    own = next(at for at, part in enumerate(parts) if hole in list(part.find_all(exp.Placeholder)))
    text = 0 if is_prefix(like) else 1
    return "prefix" if own == text else "percent"  # type: ignore[return-value]


def _uncompared(hole: exp.Expr, number: int) -> Place | None:
    """Take a value that is shown, not compared, for 1; None for any other."""
    around: exp.Expr | None = hole
    while around is not None:
        if isinstance(around.parent, exp.Select):
            if around.arg_key == "expressions":
                return Place(hole=number, kind="one")
            break
        if isinstance(around, exp.Having):
            return Place(hole=number, kind="one")
        around = around.parent
    return None
