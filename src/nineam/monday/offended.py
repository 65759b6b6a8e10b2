"""What an application did not survive of what nobody accounted for."""

from collections.abc import Iterator

from nineam.endpoints import is_hostile
from nineam.model import LoadStats


def offended(stats: LoadStats, told: set[str]) -> Iterator[str]:
    """Say of each kind of hostile request, once, that it failed; `told` are the kinds that were said before."""
    for endpoint in stats.endpoints:
        if not endpoint.failed or not is_hostile(endpoint.name) or endpoint.name in told:
            continue
        told.add(endpoint.name)
        ways = {status: count for status, count in endpoint.statuses.items() if status >= "500"} | endpoint.errors
        how = f" ({max(ways, key=ways.__getitem__)})" if ways else ""
        yield f"{endpoint.name}: {endpoint.failed} of {endpoint.requests} failed{how}"
