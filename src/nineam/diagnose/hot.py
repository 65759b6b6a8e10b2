"""Which of the application's own functions a layer was in when it was looked at: where a library calls back."""

from collections import Counter
from collections.abc import Iterable

from nineam.diagnose.picture import Picture, place

FEWEST_SAMPLES = 20
MOST_OF_THEM = 0.6


def hot_line(picture: Picture, endpoint: str, layer: str) -> str:
    """Return `file:line:function` of the function that most samples of a layer are innermost in; empty when none is.

    Most are three fifths, of twenty at the least; the line is the one of it that was seen most.
    """
    ours = _ours(picture)
    seen: Counter[tuple[str, str]] = Counter()
    total = 0
    for row in picture.run.stacks:
        if (row.endpoint, row.layer) == (endpoint, layer):
            total += row.samples
            seen[_innermost(row.frames, ours)] += row.samples
    functions: Counter[tuple[str, str]] = Counter()
    for (where, function), samples in seen.items():
        functions[where.rpartition(":")[0], function] += samples
    if total < FEWEST_SAMPLES:
        return ""
    (file, function), samples = functions.most_common(1)[0]
    if not file or samples < MOST_OF_THEM * total:
        return ""
    lines = {
        where: count for (where, name), count in seen.items() if (where.rpartition(":")[0], name) == (file, function)
    }
    return f"{max(lines, key=lambda where: lines[where])}:{function}"


def _ours(picture: Picture) -> frozenset[str]:
    """Return the folders (or files) at the top of what is known to be the application's."""
    run = picture.run
    sites = [*run.sources.values(), *(row.site for row in run.spots), *(row.site for row in run.queries)]
    return frozenset(_top(place(site)[0]) for site in sites if site)


def _top(where: str) -> str:
    file = where.rpartition(":")[0]
    return file.partition("/")[0]


def _innermost(frames: Iterable[str], ours: frozenset[str]) -> tuple[str, str]:
    """Return `file:line` and function of the last frame (`function (file:line)`) that is the application's."""
    for frame in reversed(tuple(frames)):
        function, _, where = frame.rstrip(")").rpartition(" (")
        if function and _top(where) in ours:
            return where, function
    return "", ""
