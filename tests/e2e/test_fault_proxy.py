"""Real drivers, a real PostgreSQL and a real Redis through the fault proxy: each fault as an application meets it."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from nineam.faults.client import FaultProxy
from nineam.model.fault import Upstream

psycopg = pytest.importorskip("psycopg")
asyncpg = pytest.importorskip("asyncpg")
redis = pytest.importorskip("redis")

pytestmark = pytest.mark.postgres
POSTGRES = Upstream(name="database", host="127.0.0.1", port=5432)
REDIS = Upstream(name="cache", host="127.0.0.1", port=6379)
LIMIT_S = 20
RTT_S = 0.04


@pytest.fixture(scope="module")
def shared():
    try:
        psycopg.connect(host="127.0.0.1", user="postgres", dbname="postgres", connect_timeout=3).close()
        redis.Redis(socket_timeout=3).ping()
    except (psycopg.OperationalError, redis.ConnectionError) as problem:
        pytest.skip(f"needs PostgreSQL and Redis on 127.0.0.1: {problem}")
    with FaultProxy.start([POSTGRES, REDIS]) as found:
        yield found


@pytest.fixture
def proxy(shared):
    yield shared
    shared.heal()


@pytest.fixture
def database(proxy):
    """Connect to PostgreSQL through the proxy; connections end with the test."""
    with contextlib.ExitStack() as opened:

        def connect(**options):
            place = {"host": "127.0.0.1", "port": proxy.ports["database"], "user": "postgres", "dbname": "postgres"}
            connection = psycopg.connect(**place, autocommit=True, **{"connect_timeout": LIMIT_S} | options)
            return opened.enter_context(contextlib.closing(connection))

        yield connect


@pytest.fixture
def cache(proxy):
    """Return a Redis client through the proxy that tries once."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    options = {"socket_timeout": LIMIT_S, "retry": Retry(NoBackoff(), 0)}
    clients = []

    def connect(**more):
        clients.append(redis.Redis("127.0.0.1", proxy.ports["cache"], **options | more))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def one(connection):
    return connection.execute("SELECT 1").fetchone()[0]


def round_trips(proxy, upstream, action):
    before = proxy.counts(upstream)[0].flights_up
    action()
    return proxy.counts(upstream)[0].flights_up - before


def test_round_trips_are_counted_and_each_costs_the_latency(proxy, database):
    connection = database(prepare_threshold=None)  # to prepare a statement is a round trip of its own
    one(connection)
    assert round_trips(proxy, "database", lambda: [one(connection) for _ in range(5)]) == 5
    proxy.apply("latency", {"latency": RTT_S * 1000}, upstream="database")
    began = time.monotonic()
    for _ in range(5):
        one(connection)
    assert time.monotonic() - began >= 5 * RTT_S
    (count,) = proxy.heal("latency")
    assert (count.upstream, count.connections) == ("database", 1)


def test_a_large_result_is_one_flight(proxy, database):
    connection = database()
    long = "SELECT repeat('x', 1000000)"
    proxy.apply("latency", {"latency": 5}, upstream="database")
    assert round_trips(proxy, "database", lambda: connection.execute(long).fetchone()) == 1


def test_a_fault_of_one_dependency_leaves_the_other_alone(proxy, database, cache):
    connection, client = database(), cache()
    assert client.ping()
    proxy.apply("down", upstream="cache")
    with pytest.raises(redis.ConnectionError):
        client.ping()
    assert one(connection) == 1
    proxy.heal(upstream="cache")
    assert client.ping()


def test_a_database_that_is_down_refuses_and_comes_back(proxy, database):
    living = database()
    proxy.apply("down", upstream="database")
    with pytest.raises(psycopg.OperationalError):
        one(living)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        database()
    proxy.heal()
    assert one(database()) == 1


@pytest.mark.parametrize(("heal", "survives"), [("resume", True), ("reset", False)])
def test_a_stalled_query_ends_as_chosen(proxy, database, heal, survives):
    living = database()
    proxy.apply("stall", {"heal": heal}, upstream="database")
    living.pgconn.send_query(b"SELECT 7")
    living.pgconn.flush()
    proxy.heal()
    if survives:
        assert living.pgconn.get_result().get_value(0, 0) == b"7"
    else:
        assert living.pgconn.get_result().status == psycopg.pq.ExecStatus.FATAL_ERROR
    assert one(database()) == 1


def test_a_zombie_keeps_a_client_waiting_while_others_are_served(proxy, cache):
    living = cache(socket_timeout=0.3, max_connections=1)
    assert living.ping()
    proxy.apply("stall", {"heal": "zombie"}, upstream="cache")
    proxy.heal()
    assert cache().ping()
    with pytest.raises(redis.TimeoutError):
        living.ping()


def test_an_attempt_to_connect_into_a_black_hole_times_out_as_configured(proxy, database):
    living = database()
    proxy.apply("connect_blackhole", upstream="database")
    with pytest.raises(psycopg.errors.ConnectionTimeout):
        database(connect_timeout=2)
    assert one(living) == 1
    (count,) = proxy.heal()
    assert count.touched
    assert one(database()) == 1


def test_asyncpg_on_uvloop_goes_through_too(proxy):
    import uvloop

    async def ask():
        connection = await asyncpg.connect(
            host="127.0.0.1", port=proxy.ports["database"], user="postgres", database="postgres", timeout=LIMIT_S
        )
        found = await connection.fetchval("SELECT 1")
        await connection.close()
        return found

    proxy.apply("slicer", {"average_size": 7, "size_variation": 3, "delay": 50, "stream": "both"})
    assert uvloop.run(ask()) == 1
    assert proxy.heal()[0].touched


@pytest.mark.parametrize(("fault", "size"), [("limit_data", 1000), ("cut_after", 1000)])
def test_a_result_that_ends_in_the_middle_is_an_error(proxy, database, fault, size):
    connection = database()
    proxy.apply(fault, {"bytes": size}, upstream="database")
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT repeat('x', 100000)")
    assert proxy.heal(fault)[0].connections == 1


@pytest.mark.parametrize("fault", ["bandwidth", "drip", "slicer", "slow_close", "latency", "reset_peer", "timeout"])
def test_redis_meets_every_other_fault_and_is_well_after_it(proxy, cache, fault):
    parameters = {"bandwidth": {"rate": 100}, "drip": {"bytes_per_second": 1000}, "latency": {"latency": 5}}
    client = cache(socket_timeout=1.0) if fault == "timeout" else cache()
    assert client.ping()
    proxy.apply(fault, parameters.get(fault), upstream="cache")
    with contextlib.suppress(redis.ConnectionError, redis.TimeoutError):
        assert client.ping()
        client.execute_command("QUIT")
    assert [count.touched for count in proxy.heal()] == [True]
    assert cache().ping()


CONTROLLER = """
import sys
from nineam.faults.client import FaultProxy
from nineam.model.fault import Upstream
proxy = FaultProxy.start([Upstream(name="database", host="127.0.0.1", port=5432)])
proxy.apply("stall")
print(proxy.pid, proxy.ports["database"], flush=True)
sys.stdin.read()
"""


def test_after_kill_9_of_the_controller_the_real_address_works_and_no_process_is_left(shared, until):
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", CONTROLLER], stdin=pipe, stdout=pipe, text=True) as controller:
        pid = int(controller.stdout.readline().split()[0])
        process = psutil.Process(pid)
        os.kill(controller.pid, signal.SIGKILL)
        controller.wait(LIMIT_S)
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
    place = {"host": "127.0.0.1", "port": 5432, "user": "postgres", "dbname": "postgres"}
    with psycopg.connect(**place, connect_timeout=LIMIT_S) as connection:
        assert one(connection) == 1
