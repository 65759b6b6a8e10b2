"""Whether Monday measured anything at all."""

from nineam.diagnose.picture import Picture
from nineam.endpoints import is_empty
from nineam.merging import merge
from nineam.model import LoadStats


def nothing(picture: Picture) -> str:
    """Say that Monday measured nothing, and what is known about why; empty when it did, or never ended."""
    total = LoadStats()
    for stair in picture.stairs:
        total = merge(total, picture.stats(stair))
    if not picture.stairs or not is_empty(total):
        return ""
    # some are only told once, the first time
    problems = (problem for ticks in picture.run.load.values() for stats in ticks for problem in stats.problems)
    problem = max(problems, key=lambda each: each.count, default=None)
    if problem is not None:
        where = f" at {problem.where}" if problem.where else ""
        return f"no request was sent, because of a problem in the journeys: {problem.message}{where}"
    if not total.generator.slip.count:
        return "no request was sent: nobody's turn came before the load was over"
    if not total.iterations:
        return "no request was sent: the journeys began, waited for something else and never came back"
    return "no request was sent: the journeys ended without one"
