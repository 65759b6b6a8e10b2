"""`LoadTestShape`: its `tick()` is asked in advance, on a simulated clock, and becomes the stages of a ramp."""

import itertools
from typing import Any, NamedTuple

from nineam.load.locust.exceptions import NotOfferedError
from nineam.model import RampStage

TICK_S = 1
LONGEST_S = 24 * 3600


class LoadTestShape:
    """Says how many users there should be, once a second, until it says None."""

    abstract = True
    use_common_options = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.abstract = vars(cls).get("abstract", False)

    def __init__(self) -> None:
        self._seconds = 0
        self._users = 0.0
        self.runner: Any = Unmeasured()

    def reset_time(self) -> None:
        """Begin again; there is nothing to begin again here."""

    def get_run_time(self) -> float:
        """Give the seconds since the start."""
        return float(self._seconds)

    def get_current_user_count(self) -> int:
        """Give the users there are by now."""
        return round(self._users)

    def tick(self) -> Any:
        """Give users and spawn rate, or None at the end."""
        return None

    def _move(self, seconds: int, users: float) -> None:
        self._seconds, self._users = seconds, users


class Unmeasured:
    """In the place of the runner of a shape: nothing is measured while it is asked."""

    def __getattr__(self, name: str) -> Any:
        raise NotOfferedError(f"runner.{name} in tick()", "the shape is asked before anything is measured")


class Asked(NamedTuple):
    """What a shape answered: whether it `ends` within a day, and whether it chooses among user classes."""

    stages: tuple[RampStage, ...]
    ends: bool
    chooses: bool


def stages_of(shape: LoadTestShape) -> Asked:
    """Ask a shape for all of its time.

    Raises whatever `tick` raises, and `ValueError` for an answer that is none.
    """
    users, seconds, points, chooses = 0.0, 0, [0.0], False
    while seconds < LONGEST_S:
        shape._move(seconds, users)
        answer = shape.tick()
        if answer is None:
            return Asked(_stages(points), ends=True, chooses=chooses)
        target, step = _understood(answer)
        users = min(target, users + step) if users < target else max(target, users - step)
        chooses = chooses or len(answer) > 2
        points.append(users)
        seconds += TICK_S
    return Asked((), ends=False, chooses=chooses)


def _understood(answer: Any) -> tuple[float, float]:
    try:
        target, rate = float(answer[0]), float(answer[1])
    except (TypeError, ValueError, IndexError) as error:
        raise ValueError(f"tick() gave {answer!r}, expected (users, spawn_rate) or None") from error
    return target, max(rate, 0.0) * TICK_S


def _stages(points: list[float]) -> tuple[RampStage, ...]:
    """Join the seconds in which the users change alike."""
    found: list[tuple[int, float]] = []
    slope = None
    for before, after in itertools.pairwise(points):
        if slope is not None and abs(after - before - slope) < 1e-9:
            found[-1] = (found[-1][0] + TICK_S, after)
        else:
            found.append((TICK_S, after))
        slope = after - before
    return tuple(RampStage(duration_s=float(seconds), target=target) for seconds, target in found)
