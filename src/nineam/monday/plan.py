"""What a run is going to do, and the decisions along the way that need no clock and no process."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

from nineam.endpoints import is_empty, judged
from nineam.load.thresholds import Threshold
from nineam.model import EndpointStats, HistogramData, LoadPlan, LoadStats, Phase, Record, Scenario

FACTOR = 1.5
NEAR = 0.9
"""A stair this close to the goal is left out: the goal itself follows."""
LONGEST_LADDER = 16
FIRST_SHARE = 0.25
"""The first stair is this share of what one request at a time could do: every application carries it."""
FAILED_LIMIT = 0.01
HOPELESS = 0.5
"""When more than this part of all requests fails, nothing is carried, whatever it was like on localhost."""
DRAIN_S = 8.0
"""How long an overloaded stair may take to answer what it has accepted; people wait, and their waiting counts."""
ENOUGH = 30
"""Requests below which the percentile of an endpoint within one stair says nothing."""


class Goal(Record, frozen=True, kw_only=True):
    """How far Monday climbs: to a number of users or a rate, or (limit 0) until it breaks."""

    kind: Literal["users", "rate"] = "rate"
    limit: float = 0.0
    duration_s: float = 0.0


class Abort(Record, frozen=True, kw_only=True):
    """A threshold that ends the load when it fails, but not before `delay_s` of the phase are over."""

    threshold: Threshold
    delay_s: float = 0.0


class RunPlan(Record, frozen=True, kw_only=True):
    """Everything decided before the first process starts. Durations are seconds.

    With `scenarios` there is nothing to climb: they are Monday, as they are, and `words` say what they are. Without
    `climb` Monday is the goal at once. `unit` is what arrives at a rate: requests, or iterations (`iters`) of journeys.
    `capacity_s` is how long the trials of the capacity may take in all, `proof_s` the experiment that settles which of
    two layers is to blame; 0 for none.
    """

    load: LoadPlan
    goal: Goal = Goal()
    climb: bool = True
    scenarios: tuple[Scenario, ...] = ()
    words: str = ""
    unit: str = "req"
    aborts: tuple[Abort, ...] = ()
    objective_ms: float = 500.0
    objective_percent: float = 95.0
    think_s: float = 0.0
    warmup_s: float = 1.0
    localhost_s: float = 5.0
    stair_s: float = 4.0
    after_s: float = 5.0
    observer_s: float = 0.9
    timeout_s: float = 30.0
    capacity_s: float = 0.0
    proof_s: float = 0.0

    @property
    def seeks_capacity(self) -> bool:
        """Whether trials follow a climb that broke: only where it had no goal but to find what is carried."""
        return bool(self.capacity_s and self.climb and not self.scenarios and not self.goal.limit)


class Stair(Record, frozen=True, kw_only=True):
    """One level of load: `users` for closed load, `rate` for open."""

    users: int = 0
    rate: float = 0.0


def open_load(name: str, rate: float, seconds: float) -> Phase:
    """Spell a phase of arrivals at a rate for the load process; phases of one name have the same arrivals."""
    return Phase(
        name=name,
        executor="poisson-arrival-rate",
        rate=rate,
        duration_s=seconds,
        graceful_stop_s=DRAIN_S,
    )


def ladder(goal: Goal, first: float) -> Iterator[Stair]:
    """Yield geometric stairs from `first` (a rate, or users) to the goal's limit, or without end."""
    level = min(first, goal.limit) if goal.limit else first
    for _ in range(LONGEST_LADDER):
        stair = _stair(goal, level)
        if goal.limit and (stair.users or stair.rate) >= goal.limit * NEAR:
            break
        yield stair
        # a few users times the factor round to as many users again: take at least one more
        level = max(level * FACTOR, stair.users + 1.0)
    if goal.limit:
        yield _stair(goal, goal.limit)


def _stair(goal: Goal, level: float) -> Stair:
    return Stair(users=max(1, round(level))) if goal.kind == "users" else Stair(rate=round(level, 1))


def first_stair(goal: Goal, service_s: float) -> float:
    """Return where to begin, from the mean service time of one polite request (the utilisation law)."""
    first = FIRST_SHARE / max(service_s, 0.0005)
    if goal.limit:
        first = min(first, goal.limit / 4)
    return max(1.0, min(first, 100.0))


def phase_of(plan: RunPlan, stair: Stair, number: int, *, last: bool) -> Phase:
    """Spell a stair for the load process."""
    seconds = plan.goal.duration_s if last and plan.goal.duration_s else plan.stair_s
    common: dict[str, Any] = {"name": f"monday-{number}", "duration_s": seconds, "graceful_stop_s": DRAIN_S}
    if stair.users:
        return Phase(executor="constant-vus", vus=stair.users, think_s=plan.think_s, **common)
    return Phase(executor="poisson-arrival-rate", rate=stair.rate, **common)


Percentile = Callable[[HistogramData, float], float]


def broken(plan: RunPlan, stats: LoadStats, exempt: frozenset[str], percentile: Percentile) -> str:
    """Say why a stair did not hold, or nothing when it did.

    `exempt` endpoints missed the objective with one polite user already. `percentile(histogram, p)` is in
    microseconds. An endpoint breaks with more than 1 % failures or a percentile above the objective.
    """
    if why := _hopeless(stats):
        return why
    if stats.generator.dropped_iterations:
        return f"{stats.generator.dropped_iterations} arrivals found no free user"
    for endpoint in judged(stats.endpoints):
        if endpoint.name in exempt:
            continue
        if why := _failing(endpoint):
            return why
        if endpoint.requests < ENOUGH:
            continue
        got = percentile(endpoint.response, plan.objective_percent) / 1000
        if got > plan.objective_ms:
            return f"{endpoint.name}: p({plan.objective_percent:g}) is {got:.0f} ms"
    return _rare(plan, stats, exempt, percentile)


def failing(stats: LoadStats, exempt: frozenset[str]) -> str:
    """Say which endpoint fails too often, or nothing; of several the one that fails most."""
    known = [endpoint for endpoint in judged(stats.endpoints) if endpoint.name not in exempt and _failing(endpoint)]
    return _failing(max(known, key=lambda each: each.failed / each.requests)) if known else ""


def _failing(endpoint: EndpointStats) -> str:
    if endpoint.failed <= max(1, FAILED_LIMIT * endpoint.requests):
        return ""
    how = named(endpoint.commonest_failure)
    return f"{endpoint.name}: {endpoint.failed} of {endpoint.requests} requests failed{how}"


def _hopeless(stats: LoadStats) -> str:
    """Say what no exemption excuses: that nearly everything failed, or that nothing was measured."""
    seen = judged(stats.endpoints)
    requests, failed = sum(each.requests for each in seen), sum(each.failed for each in seen)
    if failed > HOPELESS * requests:
        how = named(max(seen, key=lambda each: each.failed).commonest_failure)
        return f"{failed} of {requests} requests failed{how}"
    return "no request was sent" if stats.generator.slip.count and is_empty(stats) else ""


def named(failure: str) -> str:
    """Put a kind of failure in parentheses behind a sentence; nothing when it is not known."""
    return f" ({failure})" if failure else ""


def unwell(endpoint: EndpointStats, *, exempt: bool) -> str:
    """Say in one line what is wrong with an endpoint when one polite user asks; nothing when all is well."""
    if endpoint.failed:
        how = f"{endpoint.failed} of {endpoint.requests}{named(endpoint.commonest_failure)}"
        text = f"{endpoint.name} fails with one polite user already: {how}"
    elif exempt:
        text = f"{endpoint.name} misses the objective with one polite user already"
    else:
        return ""
    return text + ("; Monday is not judged by it" if exempt else "")


def _rare(plan: RunPlan, stats: LoadStats, exempt: frozenset[str], percentile: Percentile) -> str:
    """Endpoints too rare for their percentile are judged by their median."""
    for endpoint in judged(stats.endpoints):
        if endpoint.name in exempt or endpoint.requests >= ENOUGH or not endpoint.requests:
            continue
        got = percentile(endpoint.response, 50) / 1000
        if got > plan.objective_ms:
            return f"{endpoint.name}: half of its requests take more than {got:.0f} ms"
    return ""
