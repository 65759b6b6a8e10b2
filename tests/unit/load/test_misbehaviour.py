"""Journeys that do what they should not: one clear line each, and the load goes on."""

import asyncio
import os
import signal
import textwrap

import pytest

from nineam.load import failures
from nineam.load.process import LoadProcess
from nineam.load.selftest import ANSWER, Stub
from nineam.load.watchdog import HELD
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase


class Answering(Stub):
    """Answers each request at once, and one for /slow never."""

    def data_received(self, data):
        if not data.startswith(b"GET /slow"):
            self._transport.write(ANSWER)


async def _run(file, on_event, phase, plan):
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    process = LoadProcess()
    stats = LoadStats()
    try:
        port = server.sockets[0].getsockname()[1]
        await process.start(LoadPlan(base_url=f"http://127.0.0.1:{port}", journeys_file=str(file), **plan))
        async for event in process.run(Phase(name="monday", executor="constant-vus", **phase)):
            stats = merge(stats, event.stats)
            if on_event:
                on_event(event)
                if on_event.done:
                    os.kill(process.pid, signal.SIGKILL)  # it cannot be asked: nothing listens any more
                    break
    finally:
        await process.stop()
        server.close()
    return stats


@pytest.fixture
def play(tmp_path):
    def run(text, *, on_event=None, plan=None, **phase):
        file = tmp_path / "monday.py"
        file.write_text("import asyncio, time\nimport nineam\nfrom nineam import journey\n\n" + textwrap.dedent(text))
        shape = {"vus": 2, "duration_s": 0.5, **phase}
        return asyncio.run(_run(file, on_event, shape, plan or {}))

    return run


def said(stats):
    return {problem.message: (problem.where, problem.count) for problem in stats.problems}


def count(stats, name):
    return sum(each.requests for each in stats.endpoints if each.name == name)


class Until:
    """Listens until a problem with this message was told."""

    def __init__(self, message):
        self.message = message
        self.done = False
        self.where = ""

    def __call__(self, event):
        for problem in event.stats.problems:
            if problem.message == self.message:
                self.done, self.where = True, problem.where


@pytest.mark.parametrize("line", ["time.sleep(60)", "while True: pass"])
def test_a_journey_that_never_awaits_is_told_of_with_its_line_while_it_holds_everything_up(play, line):
    listener = Until(HELD)
    play(f"@journey\nasync def stuck(user):\n    await user.get('/')\n    {line}\n", on_event=listener, duration_s=30)
    assert listener.where == "monday.py:8"


def test_a_journey_that_does_nothing_at_all_is_told_of_and_the_phase_ends(play):
    stats = play("@journey\nasync def idle(user):\n    1 + 1\n")
    assert said(stats)["journey idle sends nothing and waits for nothing"][0] == "monday.py:5"
    assert stats.iterations > 1000


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        ("raise SystemExit('enough')", "SystemExit: enough"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise asyncio.CancelledError", "CancelledError"),
        ("next(iter([]))", "StopIteration"),
        ("raise ExceptionGroup('several', [ValueError('first'), KeyError('x')])", "ValueError: first"),
    ],
)
def test_whatever_a_journey_raises_ends_the_iteration_and_not_the_load(play, raised, message):
    stats = play(f"@journey\nasync def wrong(user):\n    await user.get('/')\n    {raised}\n")
    where, times = said(stats)[message]
    assert where == "monday.py:8"
    assert times >= 2
    assert count(stats, "GET /") >= times


def test_an_exit_in_a_task_of_a_journey_is_told_of_where_the_task_is_awaited(play):
    stats = play("""
        async def leave(user):
            await user.get("/")
            raise SystemExit(3)

        @journey
        async def wrong(user):
            await asyncio.gather(leave(user), user.get("/b"))
        """)
    assert said(stats)["SystemExit: 3"][0] == "monday.py:8"
    assert count(stats, "GET /") > 2


def test_a_failing_setup_is_counted_once_for_each_user_and_tried_again_after_a_pause(play):
    stats = play("""
        async def login(user):
            assert (await user.get("/login")).status == 201, "not let in"

        @journey(setup=login)
        async def browse(user):
            await user.get("/")
        """)
    assert said(stats) == {"AssertionError: not let in": ("monday.py:7", 2)}
    assert 4 <= count(stats, "GET /login") <= 14
    assert count(stats, "GET /") == 0
    assert stats.iterations == 0


def test_a_request_that_the_journey_gives_up_is_counted_and_the_user_goes_on(play):
    stats = play("""
        @journey
        async def impatient(user):
            try:
                async with asyncio.timeout(0.05):
                    await user.get("/slow")
            except TimeoutError:
                nineam.counter("given_up")
            assert (await user.get("/")).status == 200
        """)
    (slow,) = [each for each in stats.endpoints if each.name == "GET /slow"]
    assert slow.errors[failures.CANCELLED] == stats.counters["given_up"] > 2
    assert count(stats, "GET /") >= slow.errors[failures.CANCELLED] - 2
    assert stats.problems == ()


def test_requests_of_one_user_run_side_by_side_in_a_task_group(play):
    stats = play("""
        @journey
        async def browse(user):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(user.get(path)) for path in ("/a", "/b", "/c")]
            assert [task.result().status for task in tasks] == [200] * 3
        """)
    assert stats.problems == ()
    assert count(stats, "GET /a") == count(stats, "GET /c") > 2


def test_other_asyncio_libraries_may_be_awaited_and_what_they_raise_has_the_journeys_line(play):
    stats = play(
        """
        import httpx

        @journey
        async def other(user):
            origin = (await user.get("/")).url
            async with httpx.AsyncClient() as client:
                assert (await client.get(origin)).json() == {"ok": True}
            reader, writer = await asyncio.open_connection("127.0.0.1", int(origin.split(":")[2].strip("/")))
            writer.write(b"GET / HTTP/1.1\\r\\n\\r\\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            writer.close()
            async with httpx.AsyncClient() as client:
                await client.get("http://127.0.0.1:9/")
        """,
        duration_s=2.0,
    )
    assert said(stats) == {"ConnectError: All connection attempts failed": ("monday.py:18", stats.iterations)}
    assert stats.iterations >= 2


def test_a_user_whose_data_has_run_out_does_nothing_more_and_says_so_once(play, tmp_path):
    (tmp_path / "users.csv").write_text("name\n" + "\n".join("abcde") + "\n")
    stats = play("""
        users = nineam.feed("users.csv", unique=True)

        @journey
        async def login(user):
            await user.get("/login", params=next(users))
        """)
    assert said(stats) == {
        "NoRowsLeft: users.csv has no row left: all 5 were used, and unique=True": ("monday.py:10", 2)
    }
    assert stats.iterations == count(stats, "GET /login") == 5


def test_each_load_process_takes_its_own_part_of_the_rows(play, tmp_path):
    (tmp_path / "users.csv").write_text("name\n" + "\n".join("abcde") + "\n")
    text = """
        users = nineam.feed("users.csv", unique=True)

        @journey
        async def login(user):
            await user.get("/" + next(users)["name"])
        """
    parts = [{each.name for each in play(text, plan={"shard": shard, "shards": 2}).endpoints} for shard in range(2)]
    assert parts == [{"GET /a", "GET /c", "GET /e"}, {"GET /b", "GET /d"}]


def test_groups_and_tags_are_counted_apart(play):
    stats = play("""
        @journey
        async def shop(user):
            await user.get("/outside")
            with nineam.group("checkout"):
                await user.get("/one")
                async with user.group("pay"):
                    await asyncio.gather(user.get("/two"), user.post("/three", tags={"kind": "slow"}))
            await user.get("/outside", tags={"kind": "slow"}, expect=404)
            nineam.rate("bought", True, tags={"kind": "slow"})
            nineam.gauge("stock", 7)
        """)
    rounds = stats.iterations
    assert stats.problems == ()
    trends = {name: data.count for name, data in stats.timings.items() if name.startswith("http_req_duration")}
    assert trends == {
        "http_req_duration{group:checkout}": pytest.approx(3 * rounds, abs=6),
        "http_req_duration{group:pay}": pytest.approx(2 * rounds, abs=4),
        "http_req_duration{kind:slow}": pytest.approx(2 * rounds, abs=4),
    }
    assert stats.rates["http_req_failed{kind:slow}"].passes == pytest.approx(rounds, abs=2)
    assert stats.rates["bought{kind:slow}"].passes == stats.rates["bought"].passes > 0
    assert (stats.gauges["stock"].value, stats.gauges["stock"].max) == (7, 7)
    errors = {each.name: each.errors for each in stats.endpoints}
    assert set(errors["GET /outside"]) == {"expected 404, got 200"}
