"""Which of a source's items a scenario runs."""

from typing import Any

from nineam.errors import UsageError, nearest
from nineam.load.sources.source import Source
from nineam.model import Scenario


def chosen(source: Source, scenario: Scenario) -> tuple[tuple[Any, ...], tuple[float, ...]]:
    """Give the items that the scenario's `exec` names, and their weights; all of them when it names none.

    Raises `UsageError` for a name that is not there.
    """
    for name in scenario.exec:
        if name not in source.names:
            raise _unknown(name, source.names, scenario.name)
    if scenario.executor == "polite" and source.visits:
        visits = tuple(visit for name, visit in source.visits if not scenario.exec or name in scenario.exec)
        return visits, (1.0,) * len(visits)
    if not scenario.exec:
        return source.items, source.weights
    kept = [index for index, name in enumerate(source.names) if name in scenario.exec]
    return tuple(source.items[index] for index in kept), tuple(source.weights[index] for index in kept)


def _unknown(name: str, names: tuple[str, ...], scenario: str) -> UsageError:
    close = nearest(name, names)
    there = ", ".join(dict.fromkeys(names))
    return UsageError(
        f"scenario {scenario}: exec names '{name}', which does not exist",
        details=[f"there are: {there}"],
        hint=f"Did you mean '{close}'?" if close else "Name one of these, or leave exec out to run all of them.",
    )
