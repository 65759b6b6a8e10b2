"""The tags that journeys put on requests and on their own metrics, read from their file without running it."""

import ast
from pathlib import Path

from nineam.load.threshold_grammar import ANY

TAKES_TAGS = "tags"


def tag_keys(path: str) -> frozenset[str]:
    """Give the keys of all tags; with `ANY` among them where a tag is not written out, none if nobody can read it."""
    try:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return frozenset()
    given = (
        word.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg == TAKES_TAGS
    )
    return frozenset(key for tags in given for key in _keys(tags))


def _keys(tags: ast.expr) -> tuple[str, ...]:
    if not isinstance(tags, ast.Dict):
        return (ANY,)
    return tuple(
        key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ANY for key in tags.keys
    )
