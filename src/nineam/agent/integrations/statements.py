"""What is kept of a statement: its shape, and whether its parameters differ; never a value."""

import re

_LITERAL = (
    r"(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*'"  # with escapes, before those without
    r"|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|/\*.*?\*/|--[^\n]*|(?<![\w$])\d+(?:\.\d+)?\b"
)
_LITERALS = re.compile(_LITERAL, re.DOTALL)
_POSITION = re.compile(r"\b[bB][yY]\s+(?:[^']*,\s*)?\d")
"""What a number that is no value, but the position of a column, stands behind."""
_NAME = r'[a-zA-Z_"`][\w."`]*(?![\w."`])'
_ITEM = r"(?:\d+(?![\w.])|%s(?:\(%s\))?(?!\())(?:\s+(?:ASC|DESC|asc|desc)\b)?" % (_NAME, _NAME)
_ORDER = r"\b(?:ORDER|GROUP|order|group)\s+(?:BY|by)\s+%s(?:\s*,\s*%s)*" % (_ITEM, _ITEM)
_LITERALS_AND_ORDER = re.compile("%s|(?P<order>%s)" % (_LITERAL, _ORDER), re.DOTALL)
_LISTS = re.compile(r"\(\s*(?:\?|%s|\$\d+)(?:\s*,\s*(?:\?|%s|\$\d+))+\s*\)")
_EXPANDING = re.compile(r"__\[POSTCOMPILE_[^\s~\]]+(?:~~.*?~~)?\]")
"""SQLAlchemy's place for values whose number it learns when it executes ..."""
_EXPANDED = re.compile(r"\(%s\)" % _EXPANDING.pattern)
"""... and for a list of them."""
_normal = {}
LONGEST_KEPT = 10000


def normalise(statement):
    """Return a statement without its literals, so that equal statements are equal text."""
    text = (statement if isinstance(statement, str) else _text(statement))[:LONGEST_KEPT]
    known = _normal.get(text)
    if known is None:
        bare = _LITERALS_AND_ORDER.sub(_shown, text) if _POSITION.search(text) else _LITERALS.sub("?", text)
        known = _LISTS.sub("(?, ...)", bare)
        if "__[POSTCOMPILE_" in known:
            known = _EXPANDING.sub("?", _EXPANDED.sub("(?, ...)", known))
        if len(_normal) < 2000:
            _normal[text] = known
    return known


def _shown(found):
    """Return what is kept of a literal, which is nothing, or of an order, which is all of it."""
    return found.group("order") or "?"


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
