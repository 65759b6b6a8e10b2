"""What is kept of a statement: its shape, and whether its parameters differ; never a value."""

import re

_LITERALS = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|/\*.*?\*/|--[^\n]*|(?<![\w$])\d+(?:\.\d+)?\b", re.DOTALL)
_LISTS = re.compile(r"\(\s*(?:\?|%s|\$\d+)(?:\s*,\s*(?:\?|%s|\$\d+))+\s*\)")
_normal = {}
LONGEST_KEPT = 10000


def normalise(statement):
    """Return a statement without its literals, so that equal statements are equal text."""
    text = (statement if isinstance(statement, str) else str(statement))[:LONGEST_KEPT]
    known = _normal.get(text)
    if known is None:
        known = _LISTS.sub("(?, ...)", _LITERALS.sub("?", text))
        if len(_normal) < 2000:
            _normal[text] = known
    return known


def fingerprint(parameters):
    """Return a hash that tells one set of parameters from another; the values themselves are not kept.

    Nothing is consumed: parameters that are no plain tuple, list or dictionary all count as the same.
    """
    try:
        if isinstance(parameters, dict):
            return hash(tuple(parameters.values()))
        return hash(tuple(parameters)) if isinstance(parameters, (tuple, list)) else 0
    except Exception:
        try:
            return hash(repr(parameters)[:1000])
        except Exception:
            return 0
