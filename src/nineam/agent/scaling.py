"""Looks at threads, scaled to what all visits of an endpoint took of wall time and of the processor."""

from . import visits
from .looks import close

# an endpoint's looks are scaled together when there are so many visits with one, or after so many turns
ENOUGH = 20
PATIENCE = 10
BUCKET_NS = 100_000_000
# computing and waiting
KINDS = (0, 1)


class Pool:
    """One endpoint: nanoseconds (computing, waiting) of all visits and of those with a look, and what was seen."""

    __slots__ = ("every", "looked", "rest", "rows", "turns", "visits")

    def __init__(self):
        self.every = [0, 0]
        self.rest = 0.0
        self.clear()

    def clear(self):
        """Begin anew, except for what was never seen."""
        self.looked = [0, 0]
        self.rows = ({}, {})
        self.turns = self.visits = 0

    def add(self, visit):
        """Add a visit that is over."""
        for kind, taken in enumerate((visit.used, visit.wall - visit.used)):
            self.every[kind] += taken
            if visit.looks is not None:
                self.looked[kind] += taken
        if visit.looks is None:
            return
        self.visits += 1
        bucket = (visit.whole.sent or visit.whole.at) // BUCKET_NS * BUCKET_NS
        for (layer, key, ending, computing), taken in visit.looks.items():
            rows = self.rows[0 if computing else 1]
            rows[(bucket, layer, key, ending)] = rows.get((bucket, layer, key, ending), 0) + taken

    def scaled(self):
        """Yield what was seen, in nanoseconds that add up to all of the time."""
        every, looked, rows = self.every, self.looked, self.rows
        factors = [every[kind] / looked[kind] if looked[kind] else 0.0 for kind in KINDS]
        seen = sum(factors[kind] * sum(rows[kind].values()) for kind in KINDS)
        total = sum(every[kind] for kind in KINDS if factors[kind])
        for kind in KINDS:
            for row, taken in rows[kind].items():
                yield row, taken * factors[kind] * total / seen
        self.every = [0 if factors[kind] else every[kind] for kind in KINDS]
        self.clear()


class Scaling:
    """Pools by endpoint; counts are in intervals of the timer's, so that all samples of a process add up."""

    def __init__(self, interval_ns):
        self._interval = interval_ns
        self._pools = {}
        self._unfinished = []

    def after_fork(self):
        """Forget the parent's."""
        self._pools.clear()
        self._unfinished = []

    def take(self, final=False):
        """Yield rows of sent, endpoint, layer, key, ending and count."""
        self._add(final)
        for endpoint, pool in self._pools.items():
            pool.turns += 1
            if pool.visits >= ENOUGH or (pool.visits and (final or pool.turns >= PATIENCE)):
                for (bucket, layer, key, ending), taken in pool.scaled():
                    pool.rest += taken / self._interval
                    count = round(pool.rest)
                    pool.rest -= count
                    if count > 0:
                        yield bucket, endpoint, layer, key, ending, count

    def _add(self, final):
        waiting, self._unfinished = self._unfinished, []
        while visits.left:
            waiting.append(visits.left.popleft())
        for visit in waiting[-visits.MOST_LEFT :]:
            if not visit.whole.done and not final:
                self._unfinished.append(visit)
                continue
            if visit.looks is not None:
                close(visit)
            self._pools.setdefault(visit.whole.endpoint, Pool()).add(visit)
