"""From evidence to cause and setting where requests wait for each other, or for connections that are kept. Pure."""

import math
from collections.abc import Sequence

from nineam.trials.advice import STALE, library, no_deadline, places, stale_connections
from nineam.trials.server_advice import no_admission
from nineam.trials.servers import Server, counted
from nineam.trials.subject import Fact

PATIENT_S = 2.5
"""An attempt that takes longer is worth shortening; libpq knows nothing below two seconds."""
KEPT = 2
"""More failures than that for each new connection are not those of a pool that throws away what is dead."""
PER_REQUEST = {
    "sqlalchemy": "a Session, or `with engine.connect()`, for each request instead of one for all, and "
    "create_engine(url, pool_pre_ping=True)",
    "django": "django.db.close_old_connections() around each piece of work in threads of your own, with "
    '"CONN_HEALTH_CHECKS": True',
}


def dead_connections(facts: Sequence[Fact], failed: int, opened: int) -> tuple[str, str]:
    """Say why requests fail at once when connections broke: `failed` of them since, while `opened` were new.

    A pool opens one for each that it threw away; who does not has kept what failed.
    """
    if failed <= KEPT * opened:
        return stale_connections(facts)
    name, at = library(facts, STALE), places(facts)
    where = f", connected at {at}" if at else ""
    _, fix = stale_connections(facts)
    told = (
        f"{counted(failed, 'request')} failed at once since, and {counted(opened, 'connection')} {_was(opened)} opened"
    )
    cause = f"{told}: {name or 'the application'} goes on with one that is dead{where}"
    return cause, PER_REQUEST.get(name, fix)


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def piled_up(
    facts: Sequence[Fact], server: Server, knee: float, *, waited: int, gave_up: bool, ended: int = 0
) -> tuple[str, str]:
    """Say why answers come, but late: `waited` requests are answered first. `gave_up`: some did, in the silence."""
    cause = f"{counted(waited, 'request')} waited when the silence ended, and those that came later wait behind them"
    _, limit = no_admission(server, knee)
    if gave_up:
        return cause, limit
    why, deadline = no_deadline(facts, server, ended)
    return f"{cause}; {why}", f"{limit}; {deadline}"


def behind_each_other(
    facts: Sequence[Fact], server: Server, own_s: float, asked: int, most_s: float
) -> tuple[str, str]:
    """Say why requests wait though each attempt to connect gives up after `own_s`; `asked` had to within `most_s`."""
    at = places(facts)
    where = f", connected at {at}" if at else ""
    cause = f"each request gives up after {own_s:.1f} s, and the others wait behind it for its worker or thread{where}"
    least = math.ceil(asked / max(1, math.floor(most_s / own_s))) if own_s > 0 else asked
    more = f"gunicorn --workers {least} or --threads {least}" if server.name == "gunicorn" else "workers or threads"
    sooner = ", one attempt of two seconds at most" if own_s > PATIENT_S else ""
    return cause, (
        f"room for {least} at a time at least ({more}){sooner}; and when an attempt has failed, fail at once for "
        "some seconds (a circuit breaker)"
    )
