"""Scenarios that run only some of what is sent: whether it is there, seen to before any load."""

from nineam.endpoints import method_and_path
from nineam.errors import UsageError, nearest
from nineam.model import LoadPlan, Scenario

SHOWN = 20


def ensure_there(scenarios: tuple[Scenario, ...], names: tuple[str, ...], place: str = "") -> None:
    """Raise UsageError for a scenario that runs what is not among `names`; `place` is where the scenarios stand."""
    for scenario in scenarios:
        for name in scenario.exec:
            if name not in names:
                close = nearest(name, names)
                raise UsageError(
                    f"{_where(scenario, place)}: exec {name!r} is nothing that is sent"
                    + (f"; did you mean {close}?" if close else ""),
                    hint=f"there is {', '.join(names[:SHOWN])}",
                )


def ensure_possible(scenarios: tuple[Scenario, ...], place: str) -> None:
    """Raise UsageError for what cannot be there, when only the running application can say what is."""
    for scenario in scenarios:
        for name in scenario.exec:
            method, path = method_and_path(name)
            if not (method and path.startswith("/")):
                raise UsageError(
                    f"{_where(scenario, place)}: exec {name!r} is nothing that is sent",
                    details=["nobody has said what users do, so they go to the application's endpoints"],
                    hint='name one, like "GET /orders", or say what users do: --journeys monday.py',
                )


def names_of(plan: LoadPlan) -> tuple[str, ...]:
    """What scenarios may run, as far as the plan itself says; empty when a file of the user's does."""
    found = [request.name for request in plan.requests] + [operation.name for operation in plan.operations]
    return tuple(dict.fromkeys([*found, *(recording.name for recording in plan.recordings)]))


def _where(scenario: Scenario, place: str) -> str:
    return f"{place} [scenarios.{scenario.name}]" if place else f"scenario {scenario.name}"
