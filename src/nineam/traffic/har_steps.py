"""From exchanges to the steps of a journey: thinking, and redirects that the client follows by itself."""

from collections.abc import Iterable

from nineam.model import Step
from nineam.traffic.har_entry import Exchange

LONGEST_THINK_S = 30.0
FOLLOWED_WITHIN_NS = 5_000_000_000
"""After a redirect; who comes later comes for another reason."""


def steps_of(exchanges: Iterable[Exchange]) -> tuple[tuple[Step, ...], int]:
    """Give the steps of exchanges in the order they began, and how many were left out as the targets of redirects.

    A user thinks from the end of everything before to the beginning of a request, half a minute at most; what
    overlapped in the browser follows at once.
    """
    steps: list[Step] = []
    awaited: dict[str, int] = {}
    dropped, quiet_since = 0, None
    for each in exchanges:
        if each.began_ns <= awaited.pop(each.origin + each.request.path, -1):
            dropped += 1
        else:
            pause_s = (each.began_ns - quiet_since) / 1e9 if quiet_since is not None else 0.0
            steps.append(Step(request=each.request, think_s=round(min(max(0.0, pause_s), LONGEST_THINK_S), 3)))
        if each.redirects_to:
            awaited[each.redirects_to] = each.ended_ns + FOLLOWED_WITHIN_NS
        quiet_since = max(quiet_since or 0, each.ended_ns)
    return tuple(steps), dropped
