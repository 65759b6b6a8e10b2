"""Scenarios: who starts iterations when, under k6's names. Durations are seconds, rates are per second."""

import math
from typing import Literal

from nineam.model.record import Record

Executor = Literal[
    "polite",
    "shared-iterations",
    "per-vu-iterations",
    "constant-vus",
    "ramping-vus",
    "constant-arrival-rate",
    "ramping-arrival-rate",
    "poisson-arrival-rate",
    "sessions",
    "replay",
]

ITERATIONS = ("shared-iterations", "per-vu-iterations")
CLOSED = ("constant-vus", *ITERATIONS)
OPEN = ("constant-arrival-rate", "ramping-arrival-rate", "poisson-arrival-rate", "sessions")
STAGED = ("ramping-vus", "ramping-arrival-rate", "poisson-arrival-rate", "sessions")


class RampStage(Record, frozen=True, kw_only=True):
    """One stage of a ramp: from where the previous one ended, linearly to `target`, in `duration_s`."""

    duration_s: float
    target: float


class Scenario(Record, frozen=True, kw_only=True):
    """One executor and what it runs; `exec` names the journeys (empty: all, by weight).

    `polite` (ours) is one user who goes through everything in turn. Closed: `constant-vus` and `ramping-vus`, users
    who think `think_s` on average between iterations; `shared-iterations` and `per-vu-iterations`, until so many
    are done or `max_duration_s` is over. Open: the arrival rates (Poisson arrivals are ours). `sessions` (ours) is
    both: new users arrive at `rate`, each runs `iterations` iterations with think times and leaves. `replay` (ours)
    starts what the tape says, `speed` times as fast as it was recorded. Who has not visited everything once goes on for
    `overtime_s` at most, or longer when the duration is.
    """

    name: str = "default"
    executor: Executor = "constant-vus"
    exec: tuple[str, ...] = ()
    start_s: float = 0.0
    graceful_stop_s: float = 30.0
    graceful_ramp_down_s: float = 30.0
    duration_s: float = 0.0
    max_duration_s: float = 600.0
    vus: int = 1
    start_vus: int = 1
    iterations: int = 1
    rate: float = 0.0
    start_rate: float = 0.0
    stages: tuple[RampStage, ...] = ()
    pre_allocated_vus: int = 0
    max_vus: int = 2000
    think_s: float = 0.0
    speed: float = 1.0
    overtime_s: float = 0.0
    tags: tuple[tuple[str, str], ...] = ()


def duration_of(scenario: Scenario) -> float:
    """Seconds until a scenario begins nothing more, at most: its start and its own duration.

    What is then under way has `graceful_stop_s` on top.
    """
    return scenario.start_s + own_duration_of(scenario)


def own_duration_of(scenario: Scenario) -> float:
    """Seconds from the scenario's own start until it begins nothing more, at most."""
    if scenario.executor in ITERATIONS or (scenario.executor == "replay" and not scenario.duration_s):
        return scenario.max_duration_s
    if scenario.stages and scenario.executor in STAGED:
        return math.fsum(stage.duration_s for stage in scenario.stages)
    return scenario.duration_s


def most_vus(scenario: Scenario) -> int:
    """How many users a closed scenario has at most; 0 when they come as the arrivals demand."""
    if scenario.executor == "polite":
        return 1
    if scenario.executor == "ramping-vus":
        return round(max([scenario.start_vus, *(stage.target for stage in scenario.stages)]))
    return scenario.vus if scenario.executor in CLOSED else 0


def highest_rate(scenario: Scenario) -> float:
    """How many iterations (or sessions) a second begin at most in an open scenario; 0 when nobody can say."""
    if scenario.executor not in OPEN:
        return 0.0
    if scenario.stages:
        return max([scenario.start_rate, *(stage.target for stage in scenario.stages)])
    return scenario.rate


def mean_rate(scenario: Scenario) -> float:
    """How many iterations (or sessions) a second begin on average in an open scenario; 0 when nobody can say."""
    seconds = own_duration_of(scenario)
    if scenario.executor not in OPEN or not seconds:
        return 0.0
    if not scenario.stages:
        return scenario.rate
    rates = [scenario.start_rate, *(stage.target for stage in scenario.stages)]
    areas = ((a + b) / 2 * stage.duration_s for a, b, stage in zip(rates, rates[1:], scenario.stages, strict=False))
    return math.fsum(areas) / seconds
