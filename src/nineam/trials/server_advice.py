"""From what was seen to the likely cause, and to the setting to change, where the server is what matters. Pure."""

import math
from collections.abc import Sequence

from nineam.trials.servers import Server, counted, limit_words, server_of

SOON_S = 2.0
"""So long anybody waits: what is let in beyond it is answered too late."""
LEAST_PLACES = 4
MOST_TURNED_AWAY = 0.5
AT_ONCE_S = 1.0
NEAR_S = 2.0
"""How long after its limit a server may take to have ended."""
ORCHESTRATOR_S = 30.0
BEGUN = "on SIGTERM: accept no more, finish what was begun, then end; `exec` before the server in a shell script"


def no_admission(server: Server, knee: float, ended: int = 0, turned_away: float = 0.0) -> tuple[str, str]:
    """Say why nobody is served in a surge; `knee` requests a second are carried, `ended` workers their server ended.

    `turned_away` is the share of the requests that got 429 or 503.
    """
    if turned_away >= MOST_TURNED_AWAY:
        return (
            f"{turned_away:.0%} are turned away at once, and the rest is still not served in time",
            "look at what the limit counts (uvicorn's --limit-concurrency counts idle connections too), and at what "
            "turning away costs: answer 503 before anything else is done for a request, or in front of the application",
        )
    places = max(LEAST_PLACES, math.ceil(knee * SOON_S))
    why = f"what it serves within {SOON_S:g} s at the {knee:g} requests/s that it carries"
    fix = {
        "uvicorn": f"uvicorn --limit-concurrency {places} ({why}): the rest gets 503 at once",
        "gunicorn": f"gunicorn --backlog {places} ({why}), and turn away what has waited too long (a middleware)",
        "granian": f"granian --backpressure {places} ({why})",
        "hypercorn": f"hypercorn with a middleware that answers 503 above {places} requests at the same time ({why})",
    }.get(server.name, f"a limit to what is let in ({places}: {why}), answered with 503 and Retry-After")
    cause = "everything is let in and queues, until what is answered comes too late for anybody"
    return (f"{cause}; {limit_words(server, ended)}" if ended else cause), fix


def metastable(server: Server, knee: float) -> tuple[str, str]:
    """Say why an application stays down under a load that it carried before."""
    _, fix = no_admission(server, knee)
    return "it works on requests whose clients have left, and these have asked again meanwhile", fix


def drops(server: Server, *, lost: int, ended: bool, took_s: float) -> tuple[str, str]:
    """Say why requests are lost when the application is asked to end; it took `took_s` seconds to."""
    option = f"{server.name} {server.drain_option}".strip()
    limit = server.drains_s
    if not ended and lost:
        return f"{counted(lost, 'request')} under way were dropped, and it has not ended {took_s:.0f} s later", BEGUN
    if not ended:
        shorter = f"a limit to waiting: {option} 20" if server.drain_option else "end when what was begun is done"
        return "it does not end when it is asked to, so it will be killed with whatever it is doing", shorter
    if limit is not None and limit - AT_ONCE_S / 2 <= took_s <= limit + NEAR_S:
        return (
            f"{server.drain_option} of {limit:g} s was over before {counted(lost, 'request')} had an answer",
            f"{option} N, longer than the slowest request and shorter than what the orchestrator waits "
            f"({ORCHESTRATOR_S:g} s)",
        )
    if took_s < AT_ONCE_S:
        return f"it ends at once, without waiting for what is under way ({counted(lost, 'request')})", BEGUN
    allowed = f", though {server.drain_option} allows {limit:g} s" if limit is not None else ""
    return f"it ends after {took_s:.1f} s without what was under way ({counted(lost, 'request')}){allowed}", BEGUN


def no_respawn(command: Sequence[str], workers: int, lost: int, *, respawned: bool) -> tuple[str, str]:
    """Say why a dead worker of so many is missed; `lost` requests that came later failed, others only wait."""
    if respawned and workers > 1:
        cause = "a worker that was dead" if lost else "the workers that were left, which do not carry them all"
        return f"requests waited for {cause}, while another started", (
            "one worker more than the load needs, and a quick start (gunicorn --preload)"
        )
    if respawned:
        return "requests went to a worker that was dead, or waited for the new one", "more than one worker"
    name = server_of(command) or "its parent"
    return f"{name} does not start another worker", "a supervisor that does: gunicorn, or an up-to-date uvicorn"


def slow_clients_hold(command: Sequence[str]) -> tuple[str, str]:
    """Say why slow clients keep the others out."""
    if server_of(command) == "gunicorn":
        return "every slow client holds a worker or a thread", (
            "a proxy that buffers requests in front of it (nginx), or an asynchronous worker: gunicorn -k "
            "uvicorn_worker.UvicornWorker, gevent"
        )
    return "every slow client holds something that others need", "a proxy that buffers requests in front of it (nginx)"
