"""From evidence to the likely cause, and to the setting to change. Pure.

Evidence is what the application's connections told: who made them, at which line, with what timeout.
"""

from collections.abc import Iterable, Sequence

from nineam.trials.servers import UNKNOWN, Server, limit_words
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
OWN_LIMIT_S = {"asyncpg": 60, "asyncmy": 10}
"""How long these try to connect unless they are told: the event loop does it for them, so that no socket knows."""
EVENT_LOOP = "uvloop"
STALE = {
    "sqlalchemy": "create_engine(url, pool_pre_ping=True)",
    "django": 'DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}',
    "psycopg_pool": "ConnectionPool(check=ConnectionPool.check_connection)",
    "asyncpg": "asyncpg.create_pool(...) instead of one connection",
    "psycopg": "psycopg_pool.ConnectionPool(check=ConnectionPool.check_connection) instead of one connection",
    "psycopg2": "a pool that tests connections (SQLAlchemy's pool_pre_ping=True) instead of one connection",
}
RETRIES = {
    "requests": "HTTPAdapter(max_retries=1)",
    "urllib3": "Retry(total=1, respect_retry_after_header=True)",
    "elasticsearch": "Elasticsearch(..., max_retries=1)",
    "elastic_transport": "Transport(..., max_retries=1)",
    "opensearchpy": "OpenSearch(..., max_retries=1)",
    "botocore": 'Config(retries={"total_max_attempts": 2})',
    "boto3": 'Config(retries={"total_max_attempts": 2})',
    "openai": "OpenAI(..., max_retries=1)",
}
"""By what the application calls: libraries on top of another one have retries of their own, and switch off its."""
ONE_RETRY = "one retry at most, in one layer, after a random pause that honours Retry-After"
ONE_ATTEMPT = "one attempt to connect for each request, and a limit to the wait for the pool (pool_timeout=2)"
TO_CONNECT = 4
"""Round trips that PostgreSQL takes to let somebody in."""
PYTHONS_OWN = ("requests", "urllib3", "redis", "pymysql")
"""They use Python's sockets, whose timeout when they connect is that of reading too."""
LIBPQ = ("sqlalchemy", "django", "psycopg", "psycopg2", "psycopg_pool")
OUTSIDE = "; and a limit from outside, which libpq lacks:"
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
        "django": "select_related() or prefetch_related() on the list; where each row is counted for, "
        "annotate(Count(...))",
        "sqlalchemy": ".options(selectinload(...)) on the list; where each row is counted for, one statement with "
        "func.count() and group_by()",
    }.get(name, "fetch what belongs together with one statement, and count with GROUP BY")
    again = " (and a new connection for each)" if connections >= 0.9 else ""
    return (
        f"about {flights:.0f} round trips for one request{again}, most of them statements",
        f"{fix}; `nineam run` names the line",
    )


def no_connect_timeout(facts: Sequence[Fact], server: Server = UNKNOWN, ended: int = 0) -> tuple[str, str]:
    """Say why requests wait for a connection that does not come; `ended` workers were ended by their server."""
    name = _configured(facts)
    fix = ONE_ATTEMPT if _gives_up(facts) else CONNECT.get(name, "set a connect timeout of two seconds")
    return _limited(_limit_to_connect(facts), server, ended), fix


def _gives_up(facts: Sequence[Fact]) -> bool:
    """Whether every attempt to connect is limited as it would be advised."""
    limits = [str(fact.timeout) for fact in facts]
    return bool(limits) and all(limit.replace(".", "", 1).isdigit() and 0 < float(limit) <= 2 for limit in limits)


def _limit_to_connect(facts: Sequence[Fact]) -> str:
    """Say how long one attempt may take: what is not known is not guessed."""
    at = places(facts)
    where = f", connected at {at}" if at else ""
    blocking = [fact for fact in facts if fact.via != EVENT_LOOP]
    without = [fact for fact in blocking if fact.timeout in (None, "", "0")]
    limits = ", ".join(sorted({f"{fact.timeout}" for fact in blocking if fact.timeout and fact not in without}))
    own = library(facts, OWN_LIMIT_S)
    if without:
        return f"{without[0].via} connects without a timeout at {places(without) or 'a place that is not known'}"
    if own and not limits:
        return f"{own}'s own limit is {OWN_LIMIT_S[own]} s unless it is told another{where}"
    if limits:
        return f"attempts follow each other, or wait for the pool (connect_timeout {limits})"
    return f"how long an attempt to connect may take is not known{where}"


def no_deadline(facts: Sequence[Fact], server: Server = UNKNOWN, ended: int = 0) -> tuple[str, str]:
    """Say why requests wait for an answer that does not come; `ended` workers were ended by their server."""
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
    without = "" if ended or server.kills_s else " without an end"
    cause = f"{name or 'the application'} waits for an answer{without}{where}"
    return _limited(cause, server, ended), _deadline(name, server)


def _deadline(name: str, server: Server) -> str:
    fix = CONNECT.get(name, "give every call a time after which it fails")
    if name not in LIBPQ:
        return fix
    if server.kills_s:
        return f"{fix}{OUTSIDE} a --timeout below {server.kills_s:g} s, or a deadline"
    return f"{fix}{OUTSIDE} gunicorn's --timeout with sync workers, or a deadline"


def _limited(cause: str, server: Server, ended: int) -> str:
    limit = limit_words(server, ended)
    return f"{cause}; {limit}" if limit else cause


def _called(fact: Fact) -> str:
    """Name what the application's own line calls; empty where that line is not known: then it may be any of them."""
    return fact.libraries[-1] if fact.where and fact.libraries else ""


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
    names = {_called(fact) for fact in facts}
    setting = RETRIES.get(names.pop()) if len(names) == 1 else None
    fix = f"{setting}, and no second loop of retries around it" if setting else ONE_RETRY
    at = places(facts)
    return f"{times:.0f} tries for each request{f', called at {at}' if at else ''}", fix


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


def breaks(told: str, again: str, where: str) -> tuple[str, str]:
    """Say why requests that are wrong break it. `told` are failures in words, `again` the command that reduces them."""
    if not told:
        return "requests that are wrong take what ordinary ones need: a worker, a thread, the event loop", again
    at = f" at {where}" if where else ""
    return told, f"check the value{at} and answer 4xx; `{again}` prints each as curl and as a test"


def swallows(endpoint: str, what: str, framework: str, harm: str) -> tuple[str, str]:
    """Say why a body of any size does `harm`, and which setting bounds it."""
    older = "(in older versions read `request.stream()` piece by piece, and answer 413 when it is too much)"
    fix = {
        "fastapi": f"FastAPI(max_body_size=1_000_000) {older}",
        "starlette": f"Starlette(max_body_size=1_000_000) {older}",
        "flask": 'app.config["MAX_CONTENT_LENGTH"] = 1_000_000',
        "quart": 'app.config["MAX_CONTENT_LENGTH"] = 1_000_000',
        "django": "read `request.body`, which DATA_UPLOAD_MAX_MEMORY_SIZE bounds, not `request.read()`",
    }.get(
        framework,
        "answer 413 as soon as a body is longer than anybody needs (FastAPI(max_body_size=1_000_000), Flask's "
        "MAX_CONTENT_LENGTH), by its length and by what was read",
    )
    return f"{endpoint} {harm} ({what})", f"{fix}; in front of it a proxy that does (nginx: client_max_body_size 1m)"
