"""Whatever the driver and whatever is above it: exact counts, the right layer, and waiting in line called waiting."""

import kit
import pytest

for library in ("fastapi", "sqlalchemy"):
    pytest.importorskip(library, reason=f"{library} is what is measured here")

POSTGRES, MARIADB, NOBODY = 5432, 3306, 0
NEEDS = {  # scenario of children/drivers.py: modules, port of the server, whether requests wait in front of a pool
    "psycopg2": (("psycopg2",), POSTGRES, False),
    "psycopg_pool": (("psycopg_pool",), POSTGRES, True),
    "psycopg_pool_async": (("psycopg_pool",), POSTGRES, True),
    "asyncpg": (("asyncpg",), POSTGRES, True),
    "pymysql": (("pymysql",), MARIADB, False),
    "mysqlclient": (("MySQLdb",), MARIADB, False),
    "aiomysql": (("aiomysql",), MARIADB, True),
    "aiosqlite": (("aiosqlite",), NOBODY, True),
    "sqlalchemy+psycopg2": (("psycopg2",), POSTGRES, True),
    "sqlalchemy+psycopg": (("psycopg",), POSTGRES, True),
    "sqlalchemy+asyncpg": (("asyncpg",), POSTGRES, True),
    "sqlalchemy+pymysql": (("pymysql",), MARIADB, True),
    "sqlalchemy+mysqldb": (("MySQLdb",), MARIADB, True),
    "sqlalchemy+aiomysql": (("aiomysql",), MARIADB, True),
    "sqlalchemy+aiosqlite": (("aiosqlite",), NOBODY, True),
}
ASYNCHRONOUS = [name for name in NEEDS if name.rpartition("+")[2].startswith("a") or name.endswith("_async")]
WITH_POOL = [name for name, (_, _, pool) in NEEDS.items() if pool]
CROWD = 10


class Seen:
    """What one scenario's child saw from outside, and what its agent said."""

    def __init__(self, outside, controller):
        self.outside = outside
        self.controller = controller
        self.crowd = controller.requests[-CROWD:]

    def last(self, path):
        """The measured request of a path: the second one, the first opened connections."""
        return [request for request in self.controller.requests if request.endpoint == f"GET {path}"][1]


_seen: dict[str, Seen] = {}


@pytest.fixture
def seen(request):
    name = request.param
    libraries, port, pool = NEEDS[name]
    for library in libraries:
        pytest.importorskip(library)
    if port and not kit.listens(port):
        pytest.skip(f"nobody on 127.0.0.1:{port}")
    if name not in _seen:
        with kit.FakeController() as controller:
            script = ["-W", "ignore", str(kit.CHILDREN / "drivers.py"), name, *(["crowd"] if pool else [])]
            outside = kit.answer_of(script, kit.environment(controller.path))
            controller.settle()
        _seen[name] = Seen(outside, controller)
    return _seen[name]


def of(names):
    return pytest.mark.parametrize("seen", names, indirect=True)


def database(request):
    return kit.milliseconds(request, "db_execute", "db_fetch")


@of(NEEDS)
def test_every_hook_fits(seen):
    assert set(seen.controller.hellos[0]["hooks"].values()) == {"active"}
    assert not [hook for hook in seen.controller.events(kit.wire.HOOK) if hook["state"] != "active"]


@of(NEEDS)
def test_the_layers_of_every_request_add_up_to_its_total(seen):
    for request in seen.controller.requests:
        assert kit.sum_of_layers(request) == request.total_ns, request.endpoint
        assert all(0 <= ns <= request.total_ns for ns in request.layers.values())


@of(NEEDS)
def test_opening_a_connection_asks_nothing_in_the_application_s_name(seen):
    for path, count in (("/first", 1), ("/sleeps", 1), ("/rows", 1), ("/three", 3)):
        for request in [seen.controller.requests[0]] if path == "/first" else [seen.last(path)]:
            assert sum(query.count for query in request.queries) == count, request.queries


@of(NEEDS)
def test_statements_have_their_line_and_no_values(seen):
    (query,) = seen.last("/three").queries
    assert (query.count, query.distinct) == (3, 3)
    assert query.site.startswith("drivers.py:")
    assert query.site.endswith(".run")
    (rows,) = seen.last("/rows").queries
    assert "text" not in rows.statement.replace("::text", "")
    assert "12345" not in rows.statement


@of(ASYNCHRONOUS)
def test_statements_of_one_request_at_the_same_time_are_all_counted(seen):
    assert sum(query.count for query in seen.last("/at-once").queries) == 6


@of(NEEDS)
def test_a_statement_that_sleeps_is_the_database_executing(seen):
    request = seen.last("/sleeps")
    assert kit.milliseconds(request, "db_execute") >= 49
    assert kit.milliseconds(request, "db_execute") >= 0.8 * request.total_ns / 1e6
    assert kit.milliseconds(request, "db_fetch", "pool_wait") < 5


@of([name for name in NEEDS if name != "psycopg2"])
def test_ten_thousand_rows_are_fetched_not_executed(seen):
    request = seen.last("/rows")
    # a busy machine makes the server slower, never what was fetched next to nothing
    assert kit.milliseconds(request, "db_fetch") > 0.4 * kit.milliseconds(request, "db_execute")
    assert database(request) > 0.5 * request.total_ns / 1e6 - kit.milliseconds(request, "view", "gc")


@of(NEEDS)
def test_rows_are_counted_once_for_the_statement_that_brought_them(seen):
    (rows,), (three,) = seen.last("/rows").queries, seen.last("/three").queries
    assert (rows.rows, three.rows) == (10_000, 3)
    assert rows.fetch_ns <= seen.last("/rows").total_ns


@of(NEEDS)
def test_columns_are_said_by_name_and_length(seen):
    looks = {statement: (rows, columns) for statement, rows, columns in seen.controller.events(kit.wire.COLUMNS)}
    rows, columns = looks[seen.last("/rows").queries[0].statement]
    assert 1 <= rows <= 5
    assert all(isinstance(name, str) for name, _ in columns)
    assert sorted(size for _, size in columns)[0] == len("text") * rows


@of(["sqlalchemy+psycopg2", "sqlalchemy+psycopg", "psycopg2", "aiosqlite"])
def test_what_is_read_after_executing_is_the_statements_time_too(seen):
    (rows,) = seen.last("/rows").queries
    fetching = kit.milliseconds(seen.last("/rows"), "db_fetch")
    assert rows.fetch_ns / 1e6 == pytest.approx(fetching, rel=0.25, abs=1)


@of(["asyncpg", "sqlalchemy+asyncpg"])
def test_decoding_rows_holds_the_loop_and_waiting_for_the_database_does_not(seen):
    rows, sleeps = seen.last("/rows"), seen.last("/sleeps")
    assert kit.milliseconds(rows, "db_fetch") <= rows.steps_ns / 1e6 <= rows.total_ns / 1e6
    assert rows.longest_ns <= rows.steps_ns
    assert sleeps.steps_ns / 1e6 < sleeps.total_ns / 1e6 - 45


@of(["psycopg2", "psycopg_pool"])
def test_fetching_takes_what_it_took(seen):
    true = seen.outside["/rows"]["fetch_ms"]
    assert kit.milliseconds(seen.last("/rows"), "db_fetch") == pytest.approx(true, rel=0.1, abs=0.5)


@of(["aiosqlite"])
def test_one_connection_for_all_is_waited_for_with_every_call(seen):
    """Its calls are done in the order in which they came: before anybody's rows, everybody's statement."""
    assert min(kit.milliseconds(request, "pool_wait") for request in seen.crowd) > 400
    assert max(kit.milliseconds(request, "db_execute") for request in seen.crowd) < 100


@of([name for name in WITH_POOL if name != "aiosqlite"])
def test_ten_requests_in_front_of_a_pool_of_one_wait_for_the_pool_not_for_the_database(seen):
    waits = sorted(kit.milliseconds(request, "pool_wait") for request in seen.crowd)
    executing = sorted(kit.milliseconds(request, "db_execute") for request in seen.crowd)
    assert all(wait == pytest.approx(50 * place, rel=0.25, abs=20) for place, wait in enumerate(waits)), waits
    assert executing[len(executing) // 2] < 60
    assert all(sum(query.count for query in request.queries) == 1 for request in seen.crowd)


@of([name for name in WITH_POOL if name != "aiosqlite"])
def test_a_pool_says_how_full_it_is_and_where_it_is_made(seen):
    gauges = [gauge["values"] for gauge in seen.controller.events(kit.wire.GAUGES)]
    assert max(gauge.get("pool.waiting", 0) for gauge in gauges) >= 5
    full = next(gauge for gauge in gauges if gauge.get("pool.waiting", 0) > 1)
    assert (full["pool.used"], full["pool.size"], full["pool.exhausted"]) == (1, 1, 1)
    assert max(gauge.get("pool.held_s", 0) for gauge in gauges) > 0.3
    sites = {site for kind, name, site in seen.controller.events(kit.wire.SOURCE) if name == "pool_wait"}
    assert len(sites) == 1
    assert sites.pop().startswith("drivers.py:")
    lines = {spot.site for request in seen.crowd for spot in request.spots if spot.layer == "pool_wait"}
    assert len(lines) == 1
    assert lines.pop().endswith(".run")
