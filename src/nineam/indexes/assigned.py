"""What an UPDATE writes: values that its columns hold already. Pure."""

from sqlglot import exp

from nineam.indexes.naming import Naming, expression_text
from nineam.indexes.query import Place

WRAPPING = (exp.Paren, exp.Cast, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.DPipe, exp.Coalesce, exp.Case, exp.If)
"""What may stand around a hole that is written to a column."""


def assigned(hole: exp.Expr, number: int, naming: Naming) -> Place | None:
    """Return the column that an UPDATE writes a hole to, or 1 where it is added to something; None for other holes."""
    inner, around = hole, hole.parent
    reckoned = False
    while isinstance(around, WRAPPING):
        reckoned = reckoned or isinstance(around, exp.Binary)
        inner, around = around, around.parent
    if not isinstance(around, exp.EQ) or not isinstance(around.parent, exp.Update) or around.arg_key != "expressions":
        return None
    found = naming.find(around.this) if isinstance(around.this, exp.Column) and around.expression is inner else None
    if found is None:
        return None
    if reckoned:
        return Place(hole=number, kind="one")
    return _written(number, *found, text=expression_text(around.this, naming), naming=naming)


def _written(number: int, use: int, column: str, *, text: str, naming: Naming) -> Place:
    """Take a value of another row, as text where that is taken for any type; where values are unique, the row's own."""
    keys = [index.parts for index in naming.uses[use].indexes if index.unique]
    if any(column in [part.text for part in parts] for parts in keys):
        return Place(hole=number, kind="equal", use=use, expression=text)
    as_text = f"{text}::text" if naming.dialect == "postgres" else text
    return Place(hole=number, kind="written", use=use, expression=as_text)
