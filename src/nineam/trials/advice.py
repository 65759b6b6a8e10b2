"""From evidence to the likely cause, and to the setting to change. Pure.

Evidence is what the application's connections told: who made them, at which line, with what timeout.
"""

from collections.abc import Iterable, Sequence

from nineam.trials.subject import Fact

CONNECT = {
    "sqlalchemy": 'create_engine(url, connect_args={"connect_timeout": 2}, pool_timeout=2)',
    "django": 'DATABASES["default"]["OPTIONS"] = {"connect_timeout": 2}',
    "psycopg_pool": 'ConnectionPool(kwargs={"connect_timeout": 2}, timeout=2)',
    "asyncpg": "asyncpg.create_pool(..., timeout=2, command_timeout=2)",
    "psycopg": "psycopg.connect(..., connect_timeout=2)",
    "psycopg2": "psycopg2.connect(..., connect_timeout=2)",
    "redis": "Redis(..., socket_connect_timeout=1, socket_timeout=1)",
    "requests": "requests.get(url, timeout=(1, 2))",
    "httpx": "httpx.Client(timeout=httpx.Timeout(2.0, connect=1.0))",
    "aiohttp": "aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2))",
    "urllib3": "urllib3.PoolManager(timeout=urllib3.Timeout(total=2))",
    "pymysql": "pymysql.connect(..., connect_timeout=2, read_timeout=2, write_timeout=2)",
}
ASYNCPG = "sqlalchemy with asyncpg"
CONNECT[ASYNCPG] = 'create_async_engine(url, connect_args={"timeout": 2, "command_timeout": 2}, pool_timeout=2)'
STALE = {
    "sqlalchemy": "create_engine(url, pool_pre_ping=True)",
    "django": 'DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}',
    "psycopg_pool": "ConnectionPool(check=ConnectionPool.check_connection)",
    "asyncpg": "asyncpg.create_pool(...) instead of one connection",
    "psycopg": "psycopg_pool.ConnectionPool(check=ConnectionPool.check_connection) instead of one connection",
    "psycopg2": "a pool that tests connections (SQLAlchemy's pool_pre_ping=True) instead of one connection",
}
TO_CONNECT = 4
"""Round trips that PostgreSQL takes to let somebody in."""
PYTHONS_OWN = ("requests", "urllib3", "redis", "pymysql")
"""They use Python's sockets, whose timeout when they connect is that of reading too."""
IN_ORDER = tuple(dict.fromkeys((*CONNECT, *STALE)))
"""Outermost first: who configures the driver is told how, not the driver."""


def library(facts: Iterable[Fact], among: Iterable[str] = IN_ORDER) -> str:
    """Name the outermost library behind the connections; empty when none of those that are known."""
    seen = {name for fact in facts for name in (*fact.libraries, fact.via.partition(" ")[0])}
    return next((name for name in among if name in seen), "")


def _configured(facts: Iterable[Fact]) -> str:
    """Name what takes the settings of connections: SQLAlchemy hands on those that its driver knows."""
    known = tuple(facts)
    name = library(known, CONNECT)
    return ASYNCPG if name == "sqlalchemy" and library(known, ("asyncpg",)) else name


def places(facts: Iterable[Fact], most: int = 3) -> str:
    """Spell where in the application the connections were made."""
    found = list(dict.fromkeys(fact.where for fact in facts if fact.where))
    return ", ".join(found[:most])


def stale_connections(facts: Sequence[Fact], *, died: str = "") -> tuple[str, str]:
    """Say why an application does not recover from a database that was gone."""
    at = places(facts)
    where = f", connected at {at}" if at else ""
    if died:
        return f"the process ended with its database{where}", "let requests fail, and connect again with the next one"
    name = library(facts, STALE)
    if not name:
        return f"connections that died are used again{where}", "test a connection before it is used, or open another"
    return f"{name} hands out connections that are dead{where}", STALE[name]


def chatty(facts: Sequence[Fact], flights: float, connections: float) -> tuple[str, str]:
    """Say why one request makes many round trips."""
    name = library(facts)
    if connections >= 0.9 and flights - TO_CONNECT * connections < TO_CONNECT * connections:
        fix = {
            "django": 'DATABASES["default"]["CONN_MAX_AGE"] = 60 (or OPTIONS = {"pool": True})',
            "sqlalchemy": "create_engine(url) once for the process, with its pool (no NullPool)",
        }.get(name, "a pool: psycopg_pool.ConnectionPool, asyncpg.create_pool, or an engine made once")
        where = f", at {at}" if (at := places(facts)) else ""
        return f"a new connection for each request{where}: {TO_CONNECT} round trips and more", fix
    fix = {
        "django": "select_related() or prefetch_related() on the list",
        "sqlalchemy": ".options(selectinload(...)) on the list",
    }.get(name, "fetch what belongs together with one statement")
    again = " (and a new connection for each)" if connections >= 0.9 else ""
    return (
        f"about {flights:.0f} round trips for one request{again}, most of them statements",
        f"{fix}; `nineam run` names the line",
    )


def no_connect_timeout(facts: Sequence[Fact]) -> tuple[str, str]:
    """Say why requests wait for a connection that does not come."""
    name = _configured(facts)
    without = [fact for fact in facts if fact.timeout in (None, "", "0")]
    if without:
        cause = f"{without[0].via} connects without a timeout at {places(without) or 'a place that is not known'}"
    else:
        limits = ", ".join(sorted({f"{fact.timeout}" for fact in facts if fact.timeout}))
        cause = f"attempts follow each other, or wait for the pool (connect_timeout {limits or 'unknown'})"
    return cause, CONNECT.get(name, "set a connect timeout of two seconds")


def no_deadline(facts: Sequence[Fact]) -> tuple[str, str]:
    """Say why requests wait for an answer that does not come."""
    name = _configured(facts)
    at = places(facts)
    limits = [float(fact.timeout) for fact in facts if isinstance(fact.timeout, int | float) and fact.timeout > 0]
    if name in PYTHONS_OWN and limits and len(limits) == len(facts):
        return (
            f"every call holds a worker or a thread for its timeout ({max(limits):g} s, {at}), and there are too few",
            "a shorter timeout, more threads, a limit to calls at the same time (a semaphore), or a circuit breaker",
        )
    told = " without a timeout" if any(fact.timeout is None for fact in facts if fact.via != "uvloop") else ""
    where = f", connected{told} at {at}" if at else ""
    cause = f"{name or 'the application'} waits for an answer without an end{where}"
    fix = CONNECT.get(name, "give every call a time after which it fails")
    if name in ("sqlalchemy", "django", "psycopg", "psycopg2", "psycopg_pool"):
        fix += "; and a limit from outside, which libpq lacks: gunicorn's --timeout with sync workers, or a deadline"
    return cause, fix


def needs_cache(facts: Sequence[Fact]) -> tuple[str, str]:
    """Say why requests fail without the cache."""
    at = places(facts)
    where = f" at {at}" if at else ""
    fix = (
        "catch the client's errors like a miss, with short timeouts: Redis(..., socket_connect_timeout=0.2, retry=None)"
    )
    if library(facts, ("django",)):
        fix = 'a cache that fails softly: django-redis with "IGNORE_EXCEPTIONS": True'
    return f"errors of the cache reach the user: it is asked{where}", fix


def insists(facts: Sequence[Fact], times: float) -> tuple[str, str]:
    """Say why a failing service is called so often."""
    name = library(facts, ("requests", "httpx", "aiohttp", "urllib3"))
    fix = {
        "requests": "HTTPAdapter(max_retries=1), and no second loop of retries around it",
        "urllib3": "Retry(total=1, respect_retry_after_header=True), and no second loop of retries around it",
    }.get(name, "one retry at most, in one layer, after a random pause that honours Retry-After")
    at = places(facts)
    return f"{times:.0f} tries for each request{f', called at {at}' if at else ''}", fix


def server_of(command: Sequence[str]) -> str:
    """Name the server in a command line; empty when it is none of the known ones."""
    words = " ".join(command)
    return next(
        (name for name in ("gunicorn", "uvicorn", "hypercorn", "granian", "waitress", "daphne") if name in words), ""
    )


def no_admission(command: Sequence[str]) -> tuple[str, str]:
    """Say why nobody is served in a surge."""
    fix = {
        "uvicorn": "uvicorn --limit-concurrency N (N: what it serves within two seconds): the rest gets 503 at once",
        "gunicorn": "gunicorn --backlog 64, and turn away what has waited too long (a middleware)",
        "granian": "granian --backpressure N",
        "hypercorn": "hypercorn with a middleware that answers 503 above N requests at the same time",
    }.get(server_of(command), "a limit to what is let in, answered with 503 and Retry-After")
    return "everything is let in and queues, until what is answered comes too late for anybody", fix


def dishonest(*, blind: bool, asks: str, broken: str) -> tuple[str, str]:
    """Say why a health check says the wrong thing."""
    if blind:
        return (
            f"the check asks {asks}, and does not pass through what users wait for",
            f"let readiness fail when what users need ({broken}) does: the same kind of handler, the same pool, with a "
            "timeout of half a second; liveness stays without dependencies",
        )
    return (
        f"the check asks {asks}, but users are served without {broken}",
        f"take {broken} out of the readiness check, or answer 200 with a remark",
    )


def drops(command: Sequence[str], *, lost: int, ended: bool) -> tuple[str, str]:
    """Say why requests are lost when the application is asked to end."""
    fix = {
        "uvicorn": "uvicorn --timeout-graceful-shutdown 20, and `exec` in front of it in a shell script",
        "gunicorn": "gunicorn --graceful-timeout 25, and `exec` in front of it in a shell script",
        "hypercorn": "hypercorn --graceful-timeout 25",
    }.get(server_of(command), "on SIGTERM: accept no more, finish what was begun, then end")
    if not ended:
        return "it does not end when it is asked to, so it will be killed with whatever it is doing", fix
    return f"it ends without waiting for what is under way ({lost} requests)", fix


def no_respawn(command: Sequence[str], *, respawned: bool) -> tuple[str, str]:
    """Say why a dead worker is missed."""
    if respawned:
        return "requests went to a worker that was dead, or waited for the new one", "more than one worker"
    name = server_of(command) or "its parent"
    return f"{name} does not start another worker", "a supervisor that does: gunicorn, or an up-to-date uvicorn"


def fails_at_boot(facts: Sequence[Fact], *, died: str) -> tuple[str, str]:
    """Say why an application does not start without a dependency."""
    at = places([fact for fact in facts if "<module>" in fact.where] or facts)
    where = f" at {at}" if at else ""
    if died:
        return f"it connects while it starts{where} and does not survive that it cannot", (
            "connect with the first request, or try again with a pause; fail the readiness check meanwhile"
        )
    return (
        f"what failed while it started is not tried again{where}",
        "open the connection (or the pool) when it is needed",
    )


def slow_clients_hold(command: Sequence[str]) -> tuple[str, str]:
    """Say why slow clients keep the others out."""
    if server_of(command) == "gunicorn":
        return "every slow client holds a worker or a thread", (
            "a proxy that buffers requests in front of it (nginx), or an asynchronous worker: gunicorn -k "
            "uvicorn_worker.UvicornWorker, gevent"
        )
    return "every slow client holds something that others need", "a proxy that buffers requests in front of it (nginx)"


def cold() -> tuple[str, str]:
    """Say why the first requests are slow."""
    return (
        "something is made with the first request",
        "make it before the server says that it is ready (lifespan, preload)",
    )


def leaks(facts: Sequence[Fact]) -> tuple[str, str]:
    """Say why connections stay behind."""
    at = places(facts)
    return f"what is opened{f' at {at}' if at else ''} is not closed when the client has gone", (
        "close it in `finally`, or open it with `with` / `async with`"
    )


def metastable(command: Sequence[str]) -> tuple[str, str]:
    """Say why an application stays down under a load that it carried before."""
    _, fix = no_admission(command)
    return "it works on requests whose clients have left, and these have asked again meanwhile", fix


def hoards() -> tuple[str, str]:
    """Say why memory grows with every request."""
    return "something of every request is kept", (
        "bound what serves as a cache (maxsize, a time to live); tracemalloc.start(25) and two snapshots name the line"
    )


def works_for_nobody(facts: Sequence[Fact]) -> tuple[str, str]:
    """Say why work goes on whose client has left."""
    at = places(facts)
    return f"nothing tells the work{f' at {at}' if at else ''} that its client has left", (
        "async handlers: ask `await request.is_disconnected()` between steps; sync ones: a deadline for the whole "
        "request and a statement_timeout"
    )
