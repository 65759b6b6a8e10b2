"""What is kept of a statement: its shape, and whether its parameters differ; never a value."""

import re

_LITERALS = re.compile(
    r"(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*'"  # with escapes, before those without
    r"|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|/\*.*?\*/|--[^\n]*|(?<![\w$])\d+(?:\.\d+)?\b",
    re.DOTALL,
)
_LISTS = re.compile(r"\(\s*(?:\?|%s|\$\d+)(?:\s*,\s*(?:\?|%s|\$\d+))+\s*\)")
_normal = {}
LONGEST_KEPT = 10000


def normalise(statement):
    """Return a statement without its literals, so that equal statements are equal text."""
    text = (statement if isinstance(statement, str) else _text(statement))[:LONGEST_KEPT]
    known = _normal.get(text)
    if known is None:
        known = _LISTS.sub("(?, ...)", _LITERALS.sub("?", text))
        if len(_normal) < 2000:
            _normal[text] = known
    return known


def _text(statement):
    """Return the text of a statement given as bytes or composed of parts (psycopg's `sql`), without its literals."""
    if isinstance(statement, (bytes, bytearray)):
        return statement.decode("utf-8", "replace")
    kind = type(statement).__name__
    inner = getattr(statement, "_wrapped", None) or getattr(statement, "_obj", None)
    if kind == "Composed":
        return "".join(map(_text, inner))
    if kind == "Identifier":
        return ".".join('"%s"' % part for part in ([inner] if isinstance(inner, str) else inner))
    if kind in ("Literal", "Placeholder"):
        return "?"
    return inner if kind == "SQL" else str(statement)


def fingerprint(parameters):
    """Return a hash that tells one set of parameters from another; the values themselves are not kept.

    Nothing is consumed: parameters that are no plain tuple, list or dictionary all count as the same.
    """
    try:
        if type(parameters) is tuple:
            return hash(parameters)
        if isinstance(parameters, dict):
            return hash(tuple(parameters.values()))
        return hash(tuple(parameters)) if isinstance(parameters, (tuple, list)) else 0
    except Exception:
        try:
            return hash(repr(parameters)[:1000])
        except Exception:
            return 0
