"""What a request counts under: its method and path, with what is unique in the path folded."""

import re
from collections.abc import Collection, Iterable

from nineam.model import CLIENT_PROFILES, EndpointStats, LoadStats

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"})
HOSTILE = "hostile: "
OTHER = "other"
OF_JOURNEYS = ("http_req_", "iteration_duration", "group_duration")
"""What a journey takes says nothing about the application, and nor do times of requests that are not there."""
LONGEST_NAME = 200
UNIQUE = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})(?=/|$)")
_IN_BRACKETS = tuple(f" [{profile}]" for profile in CLIENT_PROFILES)


def endpoint_name(method: str, path: str, *, fold: bool = True) -> str:
    """Give `METHOD /path` without query; segments that are numbers or UUIDs become `{id}` when folding."""
    bare = path.partition("?")[0]
    return shortened(f"{method} {UNIQUE.sub('{id}', bare) if fold else bare}")


def shortened(name: str) -> str:
    """Give a name as it is counted and shown: of a very long one the beginning."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def method_and_path(endpoint: str) -> tuple[str, str]:
    """Split an endpoint's name into its method and the rest; a name of a journey's own has no method."""
    method, _, rest = endpoint.partition(" ")
    return (method, rest) if rest and method in METHODS else ("", endpoint)


def of_profile(endpoint: str, profile: str) -> str:
    """Give what an endpoint's requests count under when a client of a kind of its own has sent them."""
    return f"{endpoint} [{profile}]"


def of_hostile(kind: str) -> str:
    """Give what requests count under that are wrong on purpose."""
    return f"{HOSTILE}{kind}"


def one_of_many(endpoint: str) -> str:
    """Give what an endpoint's requests count under when there are too many endpoints: those of a kind stay apart."""
    if is_hostile(endpoint):
        return of_hostile(OTHER)
    return OTHER + next((suffix for suffix in _IN_BRACKETS if endpoint.endswith(suffix)), "")


def is_hostile(endpoint: str) -> bool:
    """Whether these are requests that were wrong on purpose."""
    return endpoint.startswith(HOSTILE)


def is_empty(stats: LoadStats) -> bool:
    """Whether nothing was measured: no request, no WebSocket, no metric of a journey's own."""
    timed = [name for name, times in stats.timings.items() if times.count and not name.startswith(OF_JOURNEYS)]
    counted = any(stats.counters.values()) or stats.gauges or stats.rates
    return not (timed or counted or any(endpoint.requests for endpoint in stats.endpoints))


def is_apart(endpoint: str) -> bool:
    """Whether these are requests of clients unlike the others, by which an application is not judged."""
    return is_hostile(endpoint) or endpoint.endswith(_IN_BRACKETS)


def judged(endpoints: Iterable[EndpointStats]) -> tuple[EndpointStats, ...]:
    """Give those by which an application is judged: of ordinary clients, or of all that mean well if none is ordinary.

    A threshold may name others; then these are all there are.
    """
    there = tuple(endpoints)
    ordinary = tuple(each for each in there if not is_apart(each.name))
    return ordinary or tuple(each for each in there if not is_hostile(each.name)) or there


def not_counting(exempt: Collection[str]) -> str:
    """Spell what a judgement leaves aside, to stand behind it; nothing when it leaves nothing."""
    if not exempt:
        return ""
    more = f" and {len(exempt) - 1} more" if len(exempt) > 1 else ""
    return f", not counting {min(exempt)}{more}"
