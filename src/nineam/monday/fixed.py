"""An explicit plan instead of a climb: its one phase, and the stair it stands for. Pure."""

from nineam.model import Phase, Scenario
from nineam.model.scenario import ITERATIONS, duration_of, mean_rate, most_vus
from nineam.monday.plan import Stair


def phase_of_plan(scenarios: tuple[Scenario, ...]) -> Phase:
    """Spell the scenarios for the load process; its duration is an upper bound."""
    return Phase(
        name="monday-1",
        duration_s=max(duration_of(scenario) for scenario in scenarios),
        graceful_stop_s=max(scenario.graceful_stop_s for scenario in scenarios),
        scenarios=scenarios,
    )


def stair_of(scenarios: tuple[Scenario, ...]) -> Stair:
    """Say what load a plan is: as many users as it has at most, or without any the mean of its rate."""
    users = sum(most_vus(scenario) for scenario in scenarios)
    if users:
        return Stair(users=users)
    total = max(duration_of(scenario) for scenario in scenarios)
    arrivals = sum(_arrivals(scenario) for scenario in scenarios)
    return Stair(rate=round(arrivals / total, 1) if total else 0.0)


def _arrivals(scenario: Scenario) -> float:
    rate = scenario.rate if scenario.executor == "replay" else mean_rate(scenario)
    return rate * (duration_of(scenario) - scenario.start_s)


def is_bounded_by_work(scenarios: tuple[Scenario, ...]) -> bool:
    """Whether a plan is over when its iterations are done, rather than when its time is."""
    return all(scenario.executor in ITERATIONS for scenario in scenarios) and bool(scenarios)
