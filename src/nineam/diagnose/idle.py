"""Users who were there and had nothing to do."""

from nineam.diagnose.picture import Picture
from nineam.store.records import StoredPhase

NO_ROWS = "NoRowsLeft"


def idle(picture: Picture, stair: StoredPhase) -> int:
    """Say for how many users a feed had no row left, by the end of a stair: each of them has said so once."""
    before = (ticks for number, ticks in picture.run.load.items() if number <= stair.id)
    problems = (problem for ticks in before for stats in ticks for problem in stats.problems)
    return sum(problem.count for problem in problems if problem.message.startswith(NO_ROWS))
