"""`wait_time` of a user: between, constant, and pacing. Each is given the user and gives seconds."""

import time
from collections.abc import Callable
from typing import Any

WaitTime = Callable[[Any], float]


def between(shortest: float, longest: float) -> WaitTime:
    """Uniform between the two, in seconds."""
    return lambda user: shortest + user.random.random() * (longest - shortest)


def constant(seconds: float) -> WaitTime:
    """Always as long, in seconds."""
    return lambda user: seconds  # noqa: ARG005 - called with a user like all of them


def constant_pacing(seconds: float) -> WaitTime:
    """As long as is left of so many seconds since the task began; nothing when it took longer."""

    def wait(user: Any) -> float:
        now = time.monotonic()
        if not hasattr(user, "_paced_wait"):
            user._paced_from, user._paced_wait = now, 0.0
        else:
            ran = now - user._paced_from - user._paced_wait
            user._paced_wait, user._paced_from = max(0.0, seconds - ran), now
        return float(user._paced_wait)

    return wait


def constant_throughput(runs_per_second: float) -> WaitTime:
    """As long as it takes to run so many tasks a second."""
    return constant_pacing(1.0 / runs_per_second)
