"""Which of the indexes that help are kept: as few as serve every statement nearly as well as its best one. Pure."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from nineam.indexes.candidates import Parts
from nineam.indexes.prepared import Prepared
from nineam.indexes.timing import Trial

SMALLEST_RATIO = 1.5
"""What the lower end of a ratio's interval has to reach."""
SMALLEST_GAIN_MS = 0.5
NEARLY = 1.25
TOLERANCE_MS = 0.1


class Tried(NamedTuple):
    """A statement with an index that was built for it; `trial` is None when the planner did not take it."""

    prepared: Prepared
    parts: Parts
    trial: Trial | None
    plan_before: str = ""
    plan_after: str = ""
    build_s: float = 0.0
    bytes: int = 0
    taken_before: frozenset[str] = frozenset()

    @property
    def before_ms(self) -> float:
        """Milliseconds per execution without it."""
        return 0.0 if self.trial is None else median(self.trial.before) / len(self.prepared.sets) * 1000

    @property
    def after_ms(self) -> float:
        """Milliseconds per execution with it."""
        return 0.0 if self.trial is None else median(self.trial.after) / len(self.prepared.sets) * 1000

    @property
    def helps(self) -> bool:
        """Whether it is faster beyond doubt, by enough to matter."""
        return (
            self.trial is not None
            and self.trial.ratio[1] >= SMALLEST_RATIO
            and self.before_ms - self.after_ms >= SMALLEST_GAIN_MS
        )

    @property
    def saves(self) -> float:
        """Milliseconds saved in the whole run."""
        return (self.before_ms - self.after_ms) * self.prepared.asked.executions


def choose(tried: Sequence[Tried]) -> list[list[Tried]]:
    """Return the indexes to keep, each as the statements it is kept for, those that save most first."""
    helping = [each for each in tried if each.helps]
    best = {id(each.prepared): min(o.after_ms for o in helping if o.prepared is each.prepared) for each in helping}
    good = [each for each in helping if each.after_ms <= NEARLY * best[id(each.prepared)] + TOLERANCE_MS]
    kept: list[list[Tried]] = []
    open_ones = set(best)
    while open_ones:
        groups: dict[Parts, list[Tried]] = {}
        for each in good:
            if id(each.prepared) in open_ones:
                groups.setdefault(each.parts, []).append(each)
        served = max(len(group) for group in groups.values())
        widest = [group for group in groups.values() if len(group) == served]
        pick = min(widest, key=lambda group: (-_rounded(group), group[0].bytes, len(group[0].parts)))
        kept.append(sorted(pick, key=lambda each: -each.saves))
        open_ones -= {id(each.prepared) for each in pick}
    return sorted(kept, key=lambda group: -sum(each.saves for each in group))


def _rounded(group: list[Tried]) -> float:
    """Return what a group saves, in steps of a tenth: what is as good is decided by size."""
    most = sum(each.saves for each in group)
    return float(f"{most:.1g}")
