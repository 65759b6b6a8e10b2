"""The samples of one request, counted by layer and stack."""

from .stacks import MOST_CODES

# running stacks that are kept as they were seen
MOST_GLANCES = 500


class Tally:
    """What runs is kept as a signal's handler has seen it; `counts` makes keys of it when there is time."""

    __slots__ = ("_codes", "_counts", "_glances", "lost")

    def __init__(self, codes):
        self._codes = codes
        self._counts = {}
        self._glances = []
        self.lost = 0

    def ran(self, layer, seen, count):
        """Count what `stacks.glance` has seen."""
        self._glances.append((layer, seen, count))
        if len(self._glances) > MOST_GLANCES:
            self.counts()

    def waited(self, layer, key, count):
        """Count a stack by its key."""
        self._add(layer, key, count)

    def counts(self):
        """Return samples by layer and key; `lost` are those for which there was no room."""
        glances, self._glances = self._glances, []
        for layer, seen, count in glances:
            self._add(layer, self._codes.key(seen), count)
        return self._counts

    def _add(self, layer, key, count):
        if len(self._codes) > MOST_CODES:
            self.lost += count
        else:
            self._counts[(layer, key)] = self._counts.get((layer, key), 0) + count
