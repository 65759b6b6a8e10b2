"""The journeys of a `monday.py`."""

from nineam.load.journeys import load_journeys, resolved
from nineam.load.roles import Surroundings
from nineam.load.sources.source import Source
from nineam.load.users import User
from nineam.model import LoadPlan


def open_source(plan: LoadPlan, surroundings: Surroundings) -> Source | None:  # noqa: ARG001 - users have their own
    """Open the plan's `journeys_file`. Raises `UsageError` when it cannot be used."""
    if not plan.journeys_file:
        return None
    journeys = load_journeys(plan.journeys_file)
    return Source(
        items=journeys,
        names=tuple(journey.name for journey in journeys),
        weights=tuple(journey.weight for journey in journeys),
        user=lambda number, around: User(around, number),
        file=resolved(plan.journeys_file),
    )
