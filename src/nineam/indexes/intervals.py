"""The median of ratios and its interval, from the order of the values alone. Pure."""

import math
from collections.abc import Sequence
from statistics import median

CONFIDENCE = 0.95


def median_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, and the ends between which it lies with at least 95 %; of fewer than six, all there is."""
    ordered = sorted(values)
    count, inside = len(ordered), 0
    for outside in range(1, (count + 1) // 2):
        if 2 * sum(math.comb(count, k) for k in range(outside + 1)) / 2**count > 1 - CONFIDENCE:
            break
        inside = outside
    return median(ordered), ordered[inside], ordered[-1 - inside]
