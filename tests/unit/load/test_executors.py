"""The executors in a real engine, against a real server in the same loop."""

import asyncio
import itertools
import json
import textwrap
from types import SimpleNamespace

import pytest

from nineam.errors import UsageError
from nineam.load.engine import Engine
from nineam.load.executors.arrivals import ArrivalRate
from nineam.load.schedule import Part
from nineam.load.selftest import Stub
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase, RampStage, RequestSpec, Scenario

REQUESTS = tuple(RequestSpec(method="GET", path=f"/{name}", name=f"GET /{name}") for name in "abc")


class Counting(Stub):
    """Answers at once, and remembers the request lines and how many connections there were."""

    lines: list[bytes]
    connections: int

    def connection_made(self, transport):
        super().connection_made(transport)
        type(self).connections += 1

    def data_received(self, data):
        type(self).lines += [line for line in data.split(b"\r\n") if line.endswith(b"HTTP/1.1")]
        super().data_received(data)


class Hanging(Counting):
    """Takes requests and never answers."""

    def data_received(self, data):
        type(self).lines += [data]


def server(answering=True):
    return type("Server", (Counting if answering else Hanging,), {"lines": [], "connections": 0})


async def played(phases, protocol, during=None, **plan):
    listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    engine = Engine(LoadPlan(base_url=f"http://127.0.0.1:{port}", **plan), lambda where: None)
    found = []
    try:
        for phase in phases:
            events = []

            def take(event, events=events):
                events.append(event)
                if during:
                    during(engine, event)

            await engine.run(phase, take)
            found.append(events)
    finally:
        await engine.close()
        listener.close()
    return found


def play(*scenarios, protocol=None, during=None, duration_s=20.0, **plan):
    """Play scenarios side by side; gives everything counted, and the events."""
    phase = Phase(name="monday", duration_s=duration_s, scenarios=scenarios)
    source = {} if "journeys_file" in plan or "requests" in plan else {"requests": REQUESTS}
    (events,) = asyncio.run(played([phase], protocol or server(), during, **source, **plan))
    stats = LoadStats()
    for event in events:
        stats = merge(stats, event.stats)
    return stats, events


def scenario(executor, **changes):
    return Scenario(**{"executor": executor, "graceful_stop_s": 1.0, **changes})


def stages(*pairs):
    return tuple(RampStage(duration_s=duration_s, target=target) for duration_s, target in pairs)


def journeys(tmp_path, text):
    file = tmp_path / "monday.py"
    file.write_text("from nineam import journey\n" + textwrap.dedent(text))
    return str(file)


def requests_of(stats):
    return {endpoint.name: endpoint.requests for endpoint in stats.endpoints}


ITERATIONS = [
    ("shared-iterations", {"vus": 4, "iterations": 50}, 50),
    ("shared-iterations", {"vus": 4, "iterations": 10, "think_s": 0.01}, 10),
    ("per-vu-iterations", {"vus": 4, "iterations": 7}, 28),
    ("per-vu-iterations", {"vus": 4, "iterations": 3, "think_s": 0.01}, 12),
]


@pytest.mark.parametrize(("executor", "options", "expected"), ITERATIONS)
def test_exactly_so_many_iterations_are_done_and_then_the_phase_is_over(executor, options, expected):
    stats, events = play(scenario(executor, **options))
    assert (stats.iterations, stats.generator.dropped_iterations) == (expected, 0)
    assert events[-1].elapsed_s < 5


@pytest.mark.parametrize("shards", [2, 3, 6])
@pytest.mark.parametrize(("executor", "options", "expected"), ITERATIONS)
def test_the_shards_together_do_exactly_so_many(executor, options, expected, shards):
    parts = [play(scenario(executor, **options), shard=shard, shards=shards)[0] for shard in range(shards)]
    assert sum(part.iterations for part in parts) == expected


@pytest.mark.parametrize("executor", ["shared-iterations", "per-vu-iterations"])
def test_iterations_that_never_began_when_the_time_was_over_are_dropped(executor):
    each = scenario(executor, vus=2, iterations=30, max_duration_s=0.3, graceful_stop_s=0.0)
    stats, _ = play(each, protocol=server(answering=False))
    total = {"shared-iterations": 30, "per-vu-iterations": 60}[executor]
    assert stats.generator.dropped_iterations == total - 2
    assert (stats.iterations, stats.generator.requests) == (0, 2)  # those that did begin were interrupted


def test_a_ramp_of_arrivals_sends_what_its_integral_says():
    each = scenario("ramping-arrival-rate", start_rate=0, stages=stages((0.5, 200), (0.5, 0)))
    stats, events = play(each)
    assert stats.iterations == 100
    assert events[-1].elapsed_s < 2


def test_arrivals_without_a_free_user_are_dropped():
    each = scenario("constant-arrival-rate", rate=100, duration_s=0.5, max_vus=3, graceful_stop_s=0.0)
    stats, _ = play(each, protocol=server(answering=False))
    assert (stats.generator.dropped_iterations, stats.generator.requests, stats.iterations) == (47, 3, 0)


def test_a_ramp_of_users_reaches_its_targets(tmp_path):
    file = journeys(
        tmp_path,
        """
        @journey
        async def click(user):
            await user.get(f"/user-{user.id}x")
            await user.think(0.02)
        """,
    )
    protocol = server()
    shape = stages((0, 6), (0.7, 6), (0, 2), (0.7, 2))
    _, events = play(scenario("ramping-vus", start_vus=0, stages=shape), protocol=protocol, journeys_file=file)
    assert {6, 2} <= {event.active_vus for event in events}
    assert len(set(protocol.lines)) == 6


def test_who_comes_back_on_a_ramp_is_the_same_user(tmp_path):
    file = journeys(
        tmp_path,
        """
        async def login(user): await user.post("/login")

        @journey(setup=login)
        async def click(user):
            await user.get("/")
            await user.think(0.01)
        """,
    )
    shape = stages((0, 3), (0.2, 3), (0, 0), (0.2, 0), (0, 3), (0.2, 3))
    stats, _ = play(scenario("ramping-vus", start_vus=0, stages=shape), journeys_file=file)
    assert requests_of(stats)["POST /login"] == 3


@pytest.mark.parametrize("source", ["journeys", "requests"])
def test_who_must_go_is_interrupted_after_the_graceful_ramp_down_and_may_come_back(tmp_path, source):
    file = journeys(
        tmp_path,
        """
        @journey
        async def stubborn(user):
            while True:
                await user.get("/")
        """,
    )
    plan = {"journeys_file": file} if source == "journeys" else {}
    shape = stages((0, 2), (0.2, 2), (0, 0), (0.8, 0), (0, 1), (0.2, 1))
    each = scenario("ramping-vus", start_vus=0, stages=shape, graceful_ramp_down_s=0.1, graceful_stop_s=0.0)
    protocol = server(answering=False)
    stats, events = play(each, protocol=protocol, **plan)
    assert 0 in [event.active_vus for event in events]
    assert len(protocol.lines) == 3
    assert {error for endpoint in stats.endpoints for error in endpoint.errors} == {"interrupted at phase end"}


def test_sessions_are_new_users_who_set_up_click_and_leave(tmp_path):
    file = journeys(
        tmp_path,
        """
        async def login(user): await user.post(f"/login")
        async def logout(user): await user.post(f"/logout")

        @journey(setup=login, teardown=logout)
        async def click(user):
            await user.get("/click")
        """,
    )
    protocol = server()
    each = scenario("sessions", rate=40, duration_s=0.5, iterations=3, think_s=0.05)
    stats, events = play(each, protocol=protocol, journeys_file=file)
    counts = requests_of(stats)
    assert counts["POST /login"] == counts["POST /logout"] == protocol.connections > 5
    assert counts["GET /click"] == 3 * protocol.connections == stats.iterations
    assert max(event.active_vus for event in events) < protocol.connections
    assert events[-1].active_vus == 0


def test_sessions_of_plain_requests_connect_anew_and_close():
    protocol = server()
    stats, _ = play(scenario("sessions", rate=40, duration_s=0.5, iterations=2), protocol=protocol)
    assert stats.iterations == 2 * protocol.connections > 10


def test_sessions_that_are_cut_off_leave_too(tmp_path):
    file = journeys(
        tmp_path,
        """
        async def logout(user): await user.post("/logout")
        async def login(user): await user.get("/login")

        @journey(setup=login, teardown=logout)
        async def click(user):
            await user.think(60)
        """,
    )
    stats, events = play(
        scenario("sessions", rate=40, duration_s=0.3, iterations=5, graceful_stop_s=0.1), journeys_file=file
    )
    counts = requests_of(stats)
    assert counts["POST /logout"] == counts["GET /login"] > 0
    assert events[-1].elapsed_s < 5


def test_sessions_beyond_the_most_users_drop_all_their_iterations():
    each = scenario("sessions", rate=50, duration_s=0.4, iterations=5, max_vus=1, graceful_stop_s=0.0)
    stats, _ = play(each, protocol=server(answering=False))
    assert stats.generator.dropped_iterations % 5 == 0
    assert stats.generator.dropped_iterations > 0


def tape(tmp_path, entries):
    file = tmp_path / "tape"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return str(file)


def test_a_replay_sends_what_the_tape_says_in_its_order_and_ends_with_it(tmp_path):
    apart_ns = 400_000_000  # what is due at the same moment, after a stall, may arrive in any order
    entries = [[number * apart_ns, index] for number, index in enumerate([2, 0, 0, 1, 2])]
    protocol = server()
    stats, events = play(scenario("replay", speed=2.0), protocol=protocol, tape_file=tape(tmp_path, entries))
    assert [line.split()[1].decode() for line in protocol.lines] == ["/c", "/a", "/a", "/b", "/c"]
    assert stats.iterations == 5
    assert events[-1].elapsed_s < 3


@pytest.mark.parametrize("shards", [2, 7])
def test_the_shards_of_a_replay_send_each_line_once(tmp_path, shards):
    file = tape(tmp_path, [[number * 1_000_000, number % 3] for number in range(20)])
    parts = [play(scenario("replay"), tape_file=file, shard=shard, shards=shards)[0] for shard in range(shards)]
    total = LoadStats()
    for part in parts:
        total = merge(total, part)
    assert requests_of(total) == {"GET /a": 7, "GET /b": 7, "GET /c": 6}


def test_a_replay_may_be_cut_short(tmp_path):
    file = tape(tmp_path, [[0, 0], [1_000_000, 0], [3_600_000_000_000, 0]])
    stats, _ = play(scenario("replay", duration_s=0.2), tape_file=file)
    assert (stats.iterations, stats.generator.dropped_iterations) == (2, 0)


def test_a_tape_that_breaks_off_in_the_middle_is_a_problem_of_the_run_and_no_end_of_it(tmp_path):
    file = tape(tmp_path, [[0, 0], [1_000_000, 9]])
    stats, _ = play(scenario("replay"), tape_file=file)
    assert stats.iterations == 1
    assert f"{file}:2" in stats.problems[0].message


def test_a_replay_without_a_tape_is_a_usage_error():
    with pytest.raises(UsageError, match="no tape"):
        play(scenario("replay"))


@pytest.mark.parametrize(
    "each",
    [
        scenario("constant-arrival-rate", rate=100, duration_s=0.4),
        scenario("shared-iterations", vus=4, iterations=40, think_s=0.005),
    ],
    ids=lambda each: each.executor,
)
def test_the_shards_send_the_very_requests_that_one_would(each):
    alone, _ = play(each)
    total = LoadStats()
    for shard in range(3):
        total = merge(total, play(each, shard=shard, shards=3)[0])
    assert requests_of(total) == requests_of(alone)


def test_a_dropped_arrival_takes_its_draw_with_it():
    """So that arrival number i is of item number i of the draw, whoever else was dropped."""
    begun, waiting = [], []

    class Somebody:
        def run(self, item, due_ns):
            begun.append((due_ns, item))

    user = Somebody()
    stage = SimpleNamespace(
        alarm=SimpleNamespace(at=lambda due_ns, call: waiting.append((due_ns, call))),
        draws=lambda part: SimpleNamespace(draw=itertools.count().__next__),
        dropped=lambda iterations: None,
        part=Part(),
        seed=1,
        user=lambda: user,
    )
    executor = ArrivalRate(stage, scenario("constant-arrival-rate", rate=6, duration_s=1.0, max_vus=1))
    executor.begin(0)
    for number in range(6):
        due_ns, call = waiting.pop()
        call(due_ns)
        if number == 2:
            executor.finished(user, False)
    assert [item for _, item in begun] == [0, 3]


def test_nothing_begins_before_its_time():
    plays = [scenario("polite", name=f"{n}", start_s=0.05 + n * 0.0137, duration_s=0.05) for n in range(12)]
    stats, _ = play(*plays)
    assert stats.generator.slip.min >= 0
    assert min(endpoint.response.min for endpoint in stats.endpoints) > 0


def test_iterations_of_a_scenario_that_was_stopped_before_its_start_are_not_dropped():
    late = scenario("shared-iterations", iterations=50, start_s=60.0)
    stats, _ = play(late, during=lambda engine, event: engine.end_phase())
    assert (stats.iterations, stats.generator.dropped_iterations) == (0, 0)


# --- several at once ---


def test_several_scenarios_run_side_by_side_and_are_counted_apart():
    stats, events = play(
        scenario("shared-iterations", name="once", iterations=20, exec=("GET /a",)),
        scenario("constant-arrival-rate", name="steady", rate=50, duration_s=0.8, exec=("GET /b",)),
        scenario("per-vu-iterations", name="late", vus=2, iterations=5, start_s=0.6, tags=(("team", "shop"),)),
    )
    counts = requests_of(stats)
    assert counts["GET /a"] >= 20
    assert counts["GET /b"] >= 40
    trends = {name: data.count for name, data in stats.timings.items() if "{" in name}
    assert trends == {
        "http_req_duration{scenario:once}": 20,
        "http_req_duration{scenario:steady}": 40,
        "http_req_duration{scenario:late}": 10,
        "http_req_duration{team:shop}": 10,
        "iteration_duration{scenario:once}": 20,
        "iteration_duration{scenario:steady}": 40,
        "iteration_duration{scenario:late}": 10,
        "iteration_duration{team:shop}": 10,
    }
    assert {name: rate.passes + rate.fails for name, rate in stats.rates.items()} == {
        "http_req_failed{scenario:once}": 20,
        "http_req_failed{scenario:steady}": 40,
        "http_req_failed{scenario:late}": 10,
        "http_req_failed{team:shop}": 10,
    }
    assert stats.iterations == 70
    assert 0.7 < events[-1].elapsed_s < 3


def test_one_scenario_without_tags_is_not_counted_twice():
    stats, _ = play(scenario("shared-iterations", iterations=5))
    assert not [name for name in stats.timings if "{" in name]


def test_the_users_of_all_scenarios_are_added_up():
    _, events = play(
        scenario("constant-vus", name="a", vus=3, duration_s=0.7, think_s=0.01),
        scenario("constant-vus", name="b", vus=4, duration_s=0.7, think_s=0.01),
    )
    assert events[0].active_vus == 7


def test_exec_that_names_nothing_is_a_usage_error_with_the_nearest_name():
    with pytest.raises(UsageError, match="scenario default: exec names 'GET /aa'") as caught:
        play(scenario("shared-iterations", exec=("GET /aa",)))
    assert "GET /a" in caught.value.hint


SLOW = """
    import asyncio

    @journey
    async def slow(user):
        await user.get("/first")
        await user.think(0.4)
        await user.get("/last")
"""


def test_an_iteration_under_way_is_finished_within_the_graceful_stop(tmp_path):
    file = journeys(tmp_path, SLOW)
    patient = scenario("constant-vus", duration_s=0.1, vus=2, graceful_stop_s=10.0)
    stats, events = play(patient, journeys_file=file)
    assert requests_of(stats) == {"GET /first": 2, "GET /last": 2}
    assert stats.iterations == 2
    assert events[-1].elapsed_s < 5


def test_an_iteration_that_takes_longer_than_the_graceful_stop_is_ended(tmp_path):
    file = journeys(tmp_path, SLOW)
    hasty = scenario("constant-vus", duration_s=0.1, vus=2, graceful_stop_s=0.1)
    stats, _ = play(hasty, journeys_file=file)
    assert requests_of(stats) == {"GET /first": 2}
    assert stats.iterations == 0


def test_the_end_of_one_scenario_leaves_the_requests_of_the_others_alone():
    stats, _ = play(
        scenario("constant-vus", name="short", vus=2, duration_s=0.2, graceful_stop_s=0.0),
        scenario("constant-vus", name="long", vus=2, duration_s=0.6, graceful_stop_s=0.0),
        protocol=server(answering=False),
    )
    short, long = (stats.timings[f"http_req_duration{{scenario:{name}}}"] for name in ("short", "long"))
    assert (short.count, long.count) == (2, 2)
    assert short.max < long.min


def test_ending_a_phase_leaves_the_next_one_untouched():
    def end(engine, event):
        if event.kind == "tick" and event.phase == "one":
            engine.end_phase()

    phases = [
        Phase(name="one", duration_s=60.0, scenarios=(scenario("constant-vus", vus=2, duration_s=60.0),)),
        Phase(name="two", duration_s=5.0, scenarios=(scenario("shared-iterations", vus=2, iterations=5),)),
    ]
    protocol = server()
    first, second = asyncio.run(played(phases, protocol, end, requests=REQUESTS))
    assert first[-1].kind == "done"
    assert first[-1].elapsed_s < 10
    assert sum(event.stats.iterations for event in second) == 5


def test_a_scenario_that_has_not_begun_when_the_phase_is_ended_never_begins():
    stats, events = play(
        scenario("constant-vus", name="now", duration_s=30.0, think_s=0.01),
        scenario("constant-arrival-rate", name="later", start_s=20.0, rate=100, duration_s=5.0, exec=("GET /b",)),
        during=lambda engine, event: engine.end_phase(),
    )
    assert events[-1].elapsed_s < 10
    assert "http_req_duration{scenario:later}" not in stats.timings
    assert stats.generator.dropped_iterations == 0


def test_users_have_numbers_that_no_other_shard_has(tmp_path):
    file = journeys(
        tmp_path,
        """
        @journey
        async def click(user): await user.get(f"/user-{user.id}x")
        """,
    )
    each = scenario("per-vu-iterations", vus=7, iterations=1)
    seen = []
    for shard in range(3):
        protocol = server()
        play(each, protocol=protocol, journeys_file=file, shard=shard, shards=3)
        seen += [line.split()[1].decode() for line in protocol.lines]
    assert sorted(seen) == [f"/user-{number}x" for number in range(1, 8)]


def test_the_polite_user_is_in_the_first_shard_only():
    each = scenario("polite", duration_s=0.2)
    counts = [play(each, shard=shard, shards=2)[0].iterations for shard in range(2)]
    assert counts[0] >= 3
    assert counts[1] == 0
