"""How a Django route is written down: `path()` as it is, regular expressions with `{name}` for what they capture."""

import re

_known = {}
KEPT = 5000


def readable(route):
    """Return the template of a resolved route, with its leading slash."""
    known = _known.get(route)
    if known is None:
        known = "/" + route.lstrip("^")
        if re.search(r"[\\^$()*+]", known):
            known = _of_expression(known)
        if len(_known) < KEPT:
            _known[route] = known
    return known


def _of_expression(text):
    text = re.sub(r"(?<!\?P)<(?:\w+:)?(\w+)>", r"{\1}", text)
    text = _without_groups(text)
    text = re.sub(r"\\([^A-Za-z0-9])", r"\1", text.replace("\\Z", "").rstrip("$"))
    return re.sub(r"/\?$", "/", text).replace("^", "")


def _without_groups(text):
    """Replace `(?P<name>...)` and bare groups, whatever nests in them, by `{name}`."""
    kept = []
    depth = start = unnamed = 0
    for index, character in enumerate(text):
        escaped = index > 0 and text[index - 1] == "\\"
        if character == "(" and not escaped:
            start = index if depth == 0 else start
            depth += 1
        elif character == ")" and not escaped and depth:
            depth -= 1
            if depth == 0:
                inside = text[start + 1 : index]
                named = re.match(r"\?P<(\w+)>", inside)
                unnamed += named is None
                if named or not inside.startswith("?"):
                    kept.append("{" + (named.group(1) if named else "argument%d" % unnamed) + "}")
        elif depth == 0:
            kept.append(character)
    return "".join(kept)
