"""Whether memory stayed where it was: pure functions of samples."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.running import Sample

BARS = "▁▂▃▄▅▆▇█"
TENTHS = 10


class Steadiness(NamedTuple):
    """MB: the mean of the second tenth (the first is for warming up) and of the last, and the most after the first."""

    before_mb: float
    after_mb: float
    most_mb: float

    @property
    def growth(self) -> float:
        """How much more at the end: 0.05 is 5 %."""
        return self.after_mb / self.before_mb - 1

    @property
    def highest(self) -> float:
        """How much more at most."""
        return self.most_mb / self.before_mb - 1


def steadiness(samples: Sequence[Sample]) -> Steadiness:
    """Compare the tenths of a run. Raises `ValueError` for fewer samples than that."""
    if len(samples) < TENTHS:
        raise ValueError(f"{len(samples)} samples of memory are too few: ten are needed at least")
    tenth = len(samples) // TENTHS
    megabytes = [sample.megabytes for sample in samples]
    before, after = statistics.fmean(megabytes[tenth : 2 * tenth]), statistics.fmean(megabytes[-tenth:])
    return Steadiness(before, after, max(megabytes[tenth:]))


def sparkline(values: Sequence[float], least: float, most: float) -> str:
    """Draw values as bars between two bounds."""
    span = (most - least) or 1.0
    heights = (min(1.0, max(0.0, (value - least) / span)) for value in values)
    return "".join(BARS[round(height * (len(BARS) - 1))] for height in heights)
