"""The users of a locustfile."""

import time
from functools import partial

from nineam.load.journeys import resolved
from nineam.load.roles import Surroundings
from nineam.load.sources.source import Source
from nineam.model import LoadPlan

ANYONE = "*"


def open_source(plan: LoadPlan, surroundings: Surroundings) -> Source | None:
    """Open the plan's `locustfile`. Raises `UsageError` when it cannot be used."""
    if not plan.locustfile:
        return None
    from nineam.load.locust import names, strands  # noqa: PLC0415 - greenlets are only needed for locustfiles
    from nineam.load.locust.opening import end, open_world  # noqa: PLC0415 - likewise
    from nineam.load.locust.visits import visits  # noqa: PLC0415 - likewise

    names.install()
    time.sleep = strands.sleep  # type: ignore[assignment]
    world = open_world(plan, surroundings)
    return Source(
        items=(None, *world.classes),
        names=(ANYONE, *(each.__name__ for each in world.classes)),
        weights=(1.0, *(0.0 for _ in world.classes)),
        user=world.seat,
        file=resolved(plan.locustfile),
        visits=tuple((each.__name__, visit) for each in world.classes for visit in visits(each)),
        end=partial(end, world),
    )
