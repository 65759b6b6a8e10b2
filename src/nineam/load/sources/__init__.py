"""Where the things come from that users do: one file a source, each one line in `SOURCES`.

A source looks at the plan and gives nothing (it is not meant) or a `Source`; the first one that is meant counts.
"""

from nineam.errors import UsageError
from nineam.load.roles import Surroundings
from nineam.load.sources import journeys, locustfile, operations, recordings, requests
from nineam.load.sources.source import Opener, Source
from nineam.model import LoadPlan

SOURCES: tuple[Opener, ...] = (
    journeys.open_source,
    locustfile.open_source,
    recordings.open_source,
    operations.open_source,
    requests.open_source,
)


def open_source(plan: LoadPlan, surroundings: Surroundings) -> Source:
    """Open the plan's source. Raises `UsageError` when there is none, or it cannot be used."""
    for opener in SOURCES:
        found = opener(plan, surroundings)
        if found is not None:
            return found
    hint = "Give a journeys file, or requests to send."
    raise UsageError("there is nothing to send: no requests and no journeys", hint=hint)
