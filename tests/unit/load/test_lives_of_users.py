"""Users outlive whatever happens to an iteration."""

import asyncio
import textwrap
import time
from types import SimpleNamespace

import pytest

from nineam import script
from nineam.load.engine import Engine
from nineam.load.journeys import describe_problem
from nineam.load.process import LoadProcess
from nineam.load.selftest import Stub
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase, RampStage, RequestSpec, Scenario

clock = time.perf_counter_ns


class Outcome(BaseException):
    """As the failures of test libraries are."""


class UnspeakableError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def journey(function):
    return script.Journey("j", function, 1, None, None, "here:1")


class Watched:
    """Counts how often a user has finished."""

    def __init__(self, user):
        self.times = 0
        self._more = asyncio.Event()
        user.finished = self._finished

    def _finished(self, user, got_nothing):
        self.times += 1
        self._more.set()

    async def until(self, times):
        while self.times < times:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 5)


async def visit(user):
    await user.get("/")


def test_who_is_cancelled_in_the_turn_of_its_start_has_finished_and_goes_on(with_user):
    @with_user()
    async def found(server, user, collector):
        watched = Watched(user)
        user.run(journey(visit), clock())  # before its task has had a turn
        user.cancel()
        now = watched.times
        user.run(journey(visit), clock())
        await watched.until(2)
        user.run(journey(visit), clock())  # when its task waits
        user.cancel()
        user.cancel()
        then = watched.times
        user.run(journey(visit), clock())
        await watched.until(4)
        return now, then, collector.take()

    now, then, stats = found
    assert (now, then) == (1, 3)
    assert (stats.iterations, stats.generator.slip.count, stats.problems) == (2, 2, ())


def test_who_thinks_is_cancelled_once_and_goes_on(with_user):
    @with_user()
    async def found(server, user, collector):
        watched = Watched(user)
        thinking = asyncio.Event()

        async def ponder(user):
            thinking.set()
            await user.think(60)

        user._engine.ending = True  # as when it is told to go
        user.run(journey(visit), clock())
        await watched.until(1)
        user._engine.ending = False
        user.run(journey(ponder), clock())
        await thinking.wait()
        user.cancel()
        await watched.until(2)
        user.run(journey(visit), clock())
        await watched.until(3)
        return len(server.heads)

    assert found == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [(Outcome("not as it should be"), "Outcome: not as it should be"), (UnspeakableError(), "UnspeakableError"),
     (GeneratorExit(), "GeneratorExit"), (BaseExceptionGroup("two", [Outcome("one")]), "Outcome: one")],
)  # fmt: skip
@pytest.mark.parametrize("where", ["function", "setup"])
def test_whatever_is_raised_is_told_and_the_user_goes_on(with_user, error, message, where):
    async def wrong(user):
        await user.get("/")
        raise error

    @with_user()
    async def found(server, user, collector):
        watched = Watched(user)
        setup = wrong if where == "setup" else None
        for each in range(2):
            user.run(script.Journey("wrong", visit if setup else wrong, 1, setup, None, "here:1"), clock())
            await watched.until(each + 1)
        user.run(journey(visit), clock())
        await watched.until(3)
        return watched.times, len(server.heads), collector.take().problems

    times, requests, problems = found
    assert (times, requests) == (3, 3)
    assert [problem.message for problem in problems] == [message]


def test_a_teardown_that_raises_anything_at_all_ends_nothing_else(with_user):
    async def wrong(user):
        raise Outcome("late")

    @with_user()
    async def problems(server, user, collector):
        watched = Watched(user)
        user.run(script.Journey("j", visit, 1, None, wrong, "here:1"), clock())
        await watched.until(1)
        await user.close()
        return collector.take().problems

    assert [problem.message for problem in problems] == ["Outcome: late"]


def test_a_user_whose_task_ends_gets_another(with_user):
    @with_user()
    async def found(server, user, collector):
        watched = Watched(user)
        whole = user._engine
        broken = SimpleNamespace(**{**vars(whole), "collector": SimpleNamespace(problem=collector.problem)})
        user.move(broken)  # it cannot even say that an iteration has begun
        user.run(journey(visit), clock())
        await watched.until(1)
        user.move(whole)
        user.run(journey(visit), clock())
        await watched.until(2)
        return len(server.heads), [problem.message for problem in collector.take().problems]

    requests, problems = found
    assert requests == 1
    assert problems == ["AttributeError: 'types.SimpleNamespace' object has no attribute 'started'"]


def test_a_journey_that_cancels_its_own_task_too_late_costs_no_user(with_user):
    @with_user()
    async def requests(server, user, collector):
        watched = Watched(user)

        async def suicidal(user):
            await user.get("/")
            asyncio.current_task().cancel()

        for each in range(3):
            user.run(journey(suicidal), clock())
            await watched.until(each + 1)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return len(server.heads)

    assert requests == 3


def test_an_exception_that_cannot_say_what_it_is_has_its_type():
    assert describe_problem(UnspeakableError(), "") == ("UnspeakableError", "")


# --- the ends of iterations, in a real engine ---


class Silent(Stub):
    """Takes requests and never answers."""

    def data_received(self, data):
        pass


def play(phase, protocol=Stub, **plan):
    async def main():
        listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        engine = Engine(LoadPlan(base_url=f"http://127.0.0.1:{port}", **plan), lambda where: None)
        stats, alive = LoadStats(), []

        def take(event):
            nonlocal stats
            stats = merge(stats, event.stats)
            if event.kind == "tick":
                alive[:] = [sum(each.requests for each in event.stats.endpoints), event.active_vus]

        try:
            await engine.run(phase, take)
        finally:
            await engine.close()
            listener.close()
        return stats, alive, engine

    return asyncio.run(main())


def written(tmp_path, text):
    file = tmp_path / "monday.py"
    file.write_text("from nineam import *\n" + textwrap.dedent(text))
    return str(file)


def test_a_ramp_that_rises_and_falls_steeply_loses_nobody(tmp_path):
    file = written(tmp_path, "@journey\nasync def look(user):\n    await user.get('/')\n")
    hills = (RampStage(duration_s=0.15, target=100), RampStage(duration_s=0.15, target=0)) * 4
    top = (RampStage(duration_s=0, target=100), RampStage(duration_s=0.5, target=100))
    each = Scenario(
        executor="ramping-vus", start_vus=0, graceful_ramp_down_s=0, graceful_stop_s=1, stages=hills + top, think_s=0.01
    )
    _, _, engine = play(Phase(name="monday", duration_s=1.7, scenarios=(each,)), journeys_file=file)
    users = [user for user in engine._idle if user._task is not None]
    assert len(users) == 100  # each was given back: none was still busy with what it had never begun


@pytest.mark.parametrize("scenarios", [True, False])
@pytest.mark.parametrize("scripted", [True, False])
def test_iterations_that_were_interrupted_are_not_counted(tmp_path, scripted, scenarios):
    text = """
        @journey
        async def wait(user):
            answer = await user.get("/")
            check("answered", answer.status == 200)
            answer.json()
        """
    requests = (RequestSpec(method="GET", path="/", name="GET /"),)
    source = {"journeys_file": written(tmp_path, text)} if scripted else {"requests": requests}
    each = Scenario(executor="constant-vus", vus=3, duration_s=0.3, graceful_stop_s=0.1)
    shape = {"scenarios": (each,)} if scenarios else {"vus": 3, "graceful_stop_s": 0.1}
    stats, _, _ = play(Phase(name="monday", duration_s=0.3, **shape), protocol=Silent, **source)
    (endpoint,) = stats.endpoints
    assert (endpoint.requests, endpoint.errors) == (3, {"interrupted at phase end": 3})
    assert (stats.iterations, "iteration_duration" in stats.timings) == (0, False)
    assert (stats.checks, stats.problems) == ((), ())


def test_a_locustfiles_task_that_was_interrupted_is_not_counted(tmp_path):
    file = tmp_path / "locustfile.py"
    file.write_text(
        "from locust import HttpUser, task\nclass U(HttpUser):\n    @task\n    def t(s): s.client.get('/')\n"
    )
    each = Scenario(executor="constant-vus", vus=2, duration_s=0.3, graceful_stop_s=0.1)

    async def main():
        listener = await asyncio.get_running_loop().create_server(Silent, "127.0.0.1", 0)
        process, stats = LoadProcess(), LoadStats()
        try:
            port = listener.sockets[0].getsockname()[1]
            await process.start(LoadPlan(base_url=f"http://127.0.0.1:{port}", locustfile=str(file)))
            async for event in process.run(Phase(name="monday", duration_s=0.3, scenarios=(each,))):
                stats = merge(stats, event.stats)
        finally:
            await process.stop()
            listener.close()
        return stats

    stats = asyncio.run(main())
    assert (sum(each.requests for each in stats.endpoints), stats.iterations) == (2, 0)


def test_what_two_ways_count_alike_is_counted_once(tmp_path):
    text = """
        @journey
        async def shop(user):
            with group("pay"), group("pay"):
                await user.get("/", tags={"team": "shop", "kind": "slow"})
        """
    each = Scenario(executor="per-vu-iterations", vus=1, iterations=10, tags=(("team", "shop"), ("size", "big")))
    stats, _, _ = play(
        Phase(name="monday", duration_s=5, scenarios=(each,)), journeys_file=written(tmp_path, text)
    )  # fmt: skip
    counts = {name: data.count for name, data in stats.timings.items() if name.startswith("http_req_duration{")}
    assert stats.problems == ()
    labels = ("group:pay", "kind:slow", "team:shop", "size:big", f"scenario:{each.name}")
    assert counts == {f"http_req_duration{{{label}}}": 10 for label in labels}
