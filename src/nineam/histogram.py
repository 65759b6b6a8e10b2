"""A bounded, mergeable histogram of durations: percentiles merge from counts, never from averages.

Values are microseconds. Below 256 us every microsecond has its own bucket; above, each octave is cut into
128 equal buckets, so a percentile is off by less than 0.4 % of the true value. Buckets are kept sparsely:
a phase with a million answers costs a few hundred integers. Count, total, minimum and maximum are exact.

Journeys keep values of their own in histograms as well, negative ones among them: the bucket of -v is the mirror
of that of v, below all others.
"""

import math
from collections import Counter
from collections.abc import Sequence

from nineam.model import HistogramData

LARGEST = 2**110 - 1  # above what a journey may keep; anything beyond shares the last bucket


def bucket_of(microseconds: int) -> int:
    """Find the bucket that holds a non-negative number of microseconds."""
    value = min(microseconds, LARGEST)
    if value < 256:
        return value
    shift = value.bit_length() - 8
    return (shift << 7) + (value >> shift)


def middle_of(bucket: int) -> float:
    """Give the value in microseconds that stands for everything in a bucket."""
    if bucket < 256:
        return float(bucket) if bucket >= 0 else 0.0 - middle_of(~bucket)
    shift = (bucket >> 7) - 1
    return ((bucket & 127) + 128 << shift) + (1 << shift) / 2


def _short_buckets(octaves: int) -> list[int]:
    table = list(range(256))
    for shift in range(1, octaves + 1):
        for bucket in range((shift << 7) + 128, (shift << 7) + 256):
            table += [bucket] * (1 << shift)
    return table


SHORT = _short_buckets(8)  # the buckets of everything below 65,536 us, looked up instead of computed


class Histogram:
    """Counts of durations in microseconds; relative error of a percentile below 1 %."""

    __slots__ = ("count", "counts", "max", "min", "total")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.count = 0
        self.total = 0.0
        self.min = math.inf
        self.max = 0.0

    def record(self, microseconds: float) -> None:
        """Count one duration; negative ones (a clock that stepped) count as zero."""
        value = max(0.0, microseconds)
        bucket = bucket_of(int(value))
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self._extend(1, value, value, value)

    def record_signed(self, thousandths: float) -> None:
        """Count one value that is no duration, and may be negative."""
        bucket = bucket_of(int(thousandths)) if thousandths >= 0 else ~bucket_of(int(-thousandths))
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self._extend(1, thousandths, thousandths, thousandths)

    def record_many(self, microseconds: Sequence[int]) -> None:
        """Count many whole durations at once: several times cheaper than one by one; negative ones count as zero."""
        if not microseconds:
            return
        smallest, largest = min(microseconds), max(microseconds)
        if smallest < 0:
            microseconds = [max(0, value) for value in microseconds]
            smallest, largest = 0, max(0, largest)
        find = SHORT.__getitem__ if largest < len(SHORT) else bucket_of
        counts = self.counts
        for bucket, times in Counter(map(find, microseconds)).items():
            counts[bucket] = counts.get(bucket, 0) + times
        self._extend(len(microseconds), sum(microseconds), smallest, largest)

    def record_zeros(self, times: int) -> None:
        """Count `times` durations of nothing."""
        if times > 0:
            self.counts[0] = self.counts.get(0, 0) + times
            self._extend(times, 0.0, 0.0, 0.0)

    def merge(self, other: "Histogram") -> None:
        """Add another histogram: the result equals one that had recorded everything itself."""
        for bucket, times in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + times
        if other.count:
            self._extend(other.count, other.total, other.min, other.max)

    def percentile(self, percent: float) -> float:
        """Give the nearest-rank percentile, `percent` in 0..100, within min..max microseconds; 0.0 when empty."""
        if not self.count:
            return 0.0
        rank = min(self.count, math.ceil(round(percent * self.count / 100, 9)))
        if rank <= 1:
            return self.min
        if rank == self.count:
            return self.max
        return self._at_rank(rank)

    def mean(self) -> float:
        """Give the exact arithmetic mean in microseconds; 0.0 when empty."""
        return self.total / self.count if self.count else 0.0

    def clear(self) -> None:
        """Forget everything."""
        self.counts.clear()
        self.count, self.total, self.min, self.max = 0, 0.0, math.inf, 0.0

    def to_data(self) -> HistogramData:
        """Give this histogram at rest."""
        smallest = self.min if self.count else 0.0
        return HistogramData(
            counts=dict(self.counts), count=self.count, total=self.total, min=float(smallest), max=float(self.max)
        )

    @classmethod
    def from_data(cls, data: HistogramData) -> "Histogram":
        """Restore a histogram from its data at rest."""
        histogram = cls()
        histogram.counts = dict(data.counts)
        if data.count:
            histogram._extend(data.count, data.total, data.min, data.max)
        return histogram

    def _extend(self, count: int, total: float, smallest: float, largest: float) -> None:
        self.max = max(self.max, largest) if self.count else largest
        self.min = min(self.min, smallest)
        self.count += count
        self.total += total

    def _at_rank(self, rank: int) -> float:
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                return min(max(middle_of(bucket), self.min), self.max)
        return self.max
