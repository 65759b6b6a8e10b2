"""An application cannot tell from its drivers whether the agent is there, and stopping it leaves nothing in them."""

from importlib.util import find_spec
from pathlib import Path

import kit
import pytest

LIBRARIES = ("psycopg2", "psycopg_pool", "asyncpg", "pymysql", "aiomysql", "aiosqlite", "redis")
for library in ("fastapi", *LIBRARIES):
    pytest.importorskip(library, reason=f"{library} is part of what must not change")
for port, server in ((5432, "PostgreSQL"), (3306, "MariaDB"), (6379, "Redis")):
    if not kit.listens(port):
        pytest.skip(f"no {server} on 127.0.0.1:{port}", allow_module_level=True)

DRIVERS = ("psycopg2", "psycopg_pool", "asyncpg", "mysql", "aiosqlite", "redis")
COMPILED = ("MySQLdb.cursors",) if find_spec("MySQLdb") else ()  # there are no wheels of mysqlclient
MODULES = ("asyncpg", "psycopg2", "psycopg_pool", "pymysql", "aiomysql", "aiosqlite", "redis.asyncio", *COMPILED)


@pytest.fixture(scope="module")
def both():
    script = ["-W", "ignore", str(kit.CHILDREN / "driver_behaviour.py")]
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path)
        with_agent = kit.answer_of(script, environment)
        without = kit.answer_of(script, {**environment, "NINEAM_AGENT": "off"})
        controller.settle()
    assert (with_agent["agent"], without["agent"]) == (True, False)
    assert all(kit.sum_of_layers(request) == request.total_ns for request in controller.requests)
    return with_agent["done"], without["done"]


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_driver_behaves_the_same_with_the_agent(both, driver):
    with_agent, without = both
    assert without[driver][0] != "broke", without[driver]
    assert with_agent[driver] == without[driver]


def test_every_driver_is_compared(both):
    assert set(both[1]) == set(DRIVERS)


@pytest.fixture(scope="module", params=["libraries first", "agent first"])
def undone(request):
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, PYTHONPATH="", AGENT=str(Path(kit.INJECT).parent))
        return kit.answer_of([str(kit.CHILDREN / "undo.py"), request.param, *MODULES], environment)


def test_every_driver_was_hooked(undone):
    hooked = {name.partition(".")[0] for name, state in undone["hooks"].items() if state == "active"}
    assert set(LIBRARIES) <= hooked
    assert set(undone["hooks"].values()) == {"active"}


@pytest.mark.parametrize("trace", ["changed", "added", "left"])
def test_nothing_of_the_agent_is_left_in_a_driver(undone, trace):
    assert undone[trace] == []
