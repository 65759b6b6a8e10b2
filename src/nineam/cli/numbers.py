"""The numbers of the command line: what each may be, said with the limit when it is not."""

import math
import os
from typing import NamedTuple

from nineam.errors import UsageError
from nineam.model.durations import LONGEST_S
from nineam.model.option_values import FASTEST, MOST, MOST_USERS

DAY_S = 86_400.0
ONE_IN_A_DAY = 1e-5  # a second
FEWEST_PROCESSES = 16  # that are allowed on a machine of a few cores
PROCESSES_PER_CORE = 4
MOST_WORKERS = 1000
LARGEST_SEED = 2**63 - 1
READABLE = 10**12


class Range(NamedTuple):
    """From `least` to `most`, and 0 if `zero`; the smallest numbers serve no purpose but to break arithmetic."""

    least: float
    most: float
    example: str
    zero: bool = False


def check_number(name: str, spelt: str, number: float) -> None:
    """Raise UsageError for a number that an option cannot have; `spelt` is what the user knows it by."""
    found = RANGES[name]
    fits = found.least <= number <= _most(name) or (number == 0 and found.zero)
    if fits:
        return
    raise UsageError(f"{spelt} {_written(number)}: expected {_wanted(name, number)}", hint=found.example)


def _wanted(name: str, number: float) -> str:
    found = RANGES[name]
    if isinstance(number, float) and not math.isfinite(number):
        return f"a finite number, at most {_written(_most(name))}"
    if number > _most(name):
        return f"at most {_written(_most(name))}"
    if number <= 0 and found.least > 0:
        return "0 or more" if found.zero else "more than 0"
    return f"at least {_written(found.least)}" + (", or 0" if found.zero else "")


def _most(name: str) -> float:
    return _most_processes() if name == "processes" else RANGES[name].most


def _most_processes() -> int:
    return max(FEWEST_PROCESSES, PROCESSES_PER_CORE * (os.cpu_count() or 1))


def _written(number: float) -> str:
    if isinstance(number, int) and abs(number) > READABLE:
        return f"{str(number)[:15]}... ({len(str(abs(number)))} digits)"
    if 10_000 <= abs(number) <= READABLE and number == int(number):
        return f"{int(number):,}"
    return f"{number:g}" if math.isfinite(number) else str(number)


RATE = Range(ONE_IN_A_DAY, FASTEST, "such as 20, a second; leave it out to climb until it breaks")
SECONDS = Range(0.001, DAY_S, "in seconds, such as 5 or 0.5; leave it out for the default")
PHASE = Range(0.001, DAY_S, "in seconds", zero=True)

RANGES: dict[str, Range] = {
    "users": Range(1, MOST_USERS, "such as 20; leave it out to climb until it breaks"),
    "rate": RATE,
    "spawn_rate": RATE._replace(example="such as 10 users a second"),
    "iterations": Range(1, MOST, "such as 100; leave it out for the default"),
    "processes": Range(1, 0, "leave it out: nineam starts as many as the load needs"),
    "workers": Range(1, MOST_WORKERS, "such as 4; leave it out for the default"),
    "speed": Range(1e-6, 1e6, "such as 10; leave it out for the times of the log"),
    "timeout": SECONDS,
    "connect_timeout": SECONDS,
    "think": Range(1e-6, LONGEST_S, "in seconds, such as 1 or 0.5", zero=True),
    "ready_timeout": SECONDS._replace(zero=True),
    "seed": Range(-LARGEST_SEED, LARGEST_SEED, "such as 1", zero=True),
    "localhost_time": PHASE,
    "stair_time": PHASE,
    "after_time": PHASE,
    "observer_time": PHASE,
    "capacity_time": PHASE,
    "proof_time": PHASE,
}
"""By the names of options."""
