"""The load process as a whole: plans in, phases run, statistics out."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap

import msgspec
import pytest

from nineam.errors import NineamError, UsageError
from nineam.histogram import Histogram
from nineam.load.process import LoadProcess
from nineam.load.selftest import ANSWER, Stub
from nineam.merging import merge
from nineam.model import Command, LoadEvent, LoadPlan, LoadStats, Phase, RequestSpec, Scenario

REQUESTS = (
    RequestSpec(method="GET", path="/a", name="GET /a", weight=3),
    RequestSpec(method="POST", path="/b", name="POST /b", weight=1, headers=(("X-A", "1"),), body=b'{"a":1}'),
)


class Slow(asyncio.Protocol):
    """Takes requests and never answers."""


class Late(Stub):
    """Answers after some four times as long as the phase that asks it lasts."""

    def data_received(self, data):
        asyncio.get_running_loop().call_later(0.2, super().data_received, data)


class Closing(Stub):
    """Answers each request and closes, so that every request connects anew."""

    def data_received(self, data):
        self._transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        self._transport.close()


class Posting(Stub):
    """Answers once for each packet: requests with bodies come in one."""

    def data_received(self, data):
        self._transport.write(ANSWER)


async def run_phases(phases, protocol=Posting, on_event=None, **plan):
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    process = LoadProcess()
    found = []
    try:
        port = server.sockets[0].getsockname()[1]
        ready = await process.start(LoadPlan(base_url=f"http://127.0.0.1:{port}", **plan))
        assert ready.kind == "ready"
        for phase in phases:
            events = []
            async for event in process.run(phase):
                events.append(event)
                if on_event:
                    await on_event(process, event)
            found.append(events)
    finally:
        await process.stop()
        server.close()
    return found


def run(*phases, **options):
    return asyncio.run(run_phases(phases, **options))


def total(events):
    stats = LoadStats()
    for event in events:
        stats = merge(stats, event.stats)
    return stats


def by_name(stats):
    return {endpoint.name: endpoint for endpoint in stats.endpoints}


def journeys(tmp_path, text):
    file = tmp_path / "monday.py"
    file.write_text(textwrap.dedent(text))
    return str(file)


def phase(executor="constant-vus", **changes):
    return Phase(**{"name": executor, "executor": executor, "duration_s": 0.6, **changes})


def test_a_closed_phase_sends_back_to_back_in_proportion_to_the_weights():
    (events,) = run(phase(vus=4), requests=REQUESTS)
    stats = total(events)
    counts = by_name(stats)
    assert [event.kind for event in events][-1] == "done"
    assert "tick" in [event.kind for event in events]
    assert all(event.phase == "constant-vus" for event in events)
    assert stats.iterations == stats.generator.requests == sum(each.requests for each in stats.endpoints)
    assert counts["GET /a"].requests / counts["POST /b"].requests == pytest.approx(3, rel=0.4)
    assert all(each.failed == 0 for each in stats.endpoints)
    assert stats.generator.cpu_s > 0
    assert events[0].active_vus == 4
    assert stats.timings["http_req_connecting"].count - stats.timings["http_req_connecting"].counts[0] <= 4


def test_users_who_think_send_as_often_as_their_thinking_allows():
    (events,) = run(phase(vus=20, think_s=0.1, duration_s=1.0), requests=REQUESTS)
    assert total(events).iterations == pytest.approx(200, rel=0.25)


@pytest.mark.parametrize("executor", ["constant-arrival-rate", "poisson-arrival-rate"])
def test_an_open_phase_sends_at_its_rate(executor):
    (events,) = run(phase(executor, rate=200, duration_s=1.0), requests=REQUESTS)
    stats = total(events)
    assert stats.iterations == pytest.approx(200, abs=1 if executor.startswith("constant") else 60)
    assert stats.generator.slip.count == stats.iterations
    assert stats.generator.dropped_iterations == 0


def test_the_same_seed_sends_the_same_requests():
    found = [run(phase("poisson-arrival-rate", rate=300), requests=REQUESTS, seed=5)[0] for _ in range(2)]
    one, other = ({each.name: each.requests for each in total(events).endpoints} for events in found)
    assert one == other


def test_the_polite_user_goes_through_everything_in_turn():
    (events,) = run(phase("polite", duration_s=0.5), requests=REQUESTS)
    counts = by_name(total(events))
    assert abs(counts["GET /a"].requests - counts["POST /b"].requests) <= 1
    assert counts["GET /a"].requests > 3


def test_the_polite_user_goes_on_until_everything_was_asked_once():
    patient = phase("polite", duration_s=0.05, graceful_stop_s=5.0, overtime_s=20.0)
    (events,) = run(patient, protocol=Late, requests=REQUESTS)
    counts = by_name(total(events))
    assert counts["POST /b"].requests == 1
    assert counts["GET /a"].requests <= 2


def test_arrivals_beyond_max_vus_are_dropped_and_counted_and_those_in_flight_are_interrupted():
    open_phase = phase("constant-arrival-rate", rate=100, max_vus=5, duration_s=0.5, graceful_stop_s=0.1)
    (events,) = run(open_phase, protocol=Slow, requests=REQUESTS)
    stats = total(events)
    assert stats.generator.dropped_iterations == 45
    assert sum(each.failed for each in stats.endpoints) == 5
    assert {kind for each in stats.endpoints for kind in each.errors} == {"interrupted at phase end"}
    assert min(each.response.min for each in stats.endpoints) > 500_000


def test_latency_counts_from_the_intended_start_when_the_server_stalls():
    class Stalling(Stub):
        """Answers nothing for the first 300 ms, then everything."""

        opened = None

        def data_received(self, data):
            loop = asyncio.get_running_loop()
            if Stalling.opened is None:
                Stalling.opened = loop.time() + 0.3
            loop.call_at(max(Stalling.opened, loop.time()), self._transport.write, ANSWER)

    (events,) = run(phase("constant-arrival-rate", rate=100), protocol=Stalling, requests=REQUESTS[:1])
    stats = total(events)
    response = Histogram.from_data(stats.endpoints[0].response)
    assert stats.generator.dropped_iterations == 0
    assert 55 <= response.count <= 60
    assert response.max >= 280_000
    assert response.percentile(75) >= 50_000


def test_a_timeout_is_a_failure_that_keeps_its_place_in_the_distribution():
    (events,) = run(phase(vus=3, duration_s=0.5), protocol=Slow, requests=REQUESTS, timeout_s=0.2)
    stats = total(events)
    endpoint = max(stats.endpoints, key=lambda each: each.requests)
    assert endpoint.errors["timeout"] >= 1
    assert endpoint.response.min >= 200_000


def test_a_refused_connection_does_not_make_users_hammer():
    async def main():
        process = LoadProcess()
        try:
            await process.start(LoadPlan(base_url="http://127.0.0.1:9", requests=REQUESTS))
            return [event async for event in process.run(phase(vus=5, duration_s=0.5))]
        finally:
            await process.stop()

    stats = total(asyncio.run(main()))
    assert {kind for each in stats.endpoints for kind in each.errors} == {"connection refused"}
    assert 5 <= stats.iterations <= 50


def test_connections_that_are_closed_after_each_answer_are_no_failures():
    (events,) = run(phase(vus=3), protocol=Closing, requests=REQUESTS[:1])
    stats = total(events)
    assert stats.iterations > 10
    assert sum(each.failed for each in stats.endpoints) == 0


def test_the_health_probe_runs_beside_every_phase_and_is_counted_apart():
    first, second = run(
        phase(vus=2, name="one", duration_s=1.0), phase(vus=2, name="two", duration_s=1.0),
        requests=REQUESTS, health_path="/health",
    )  # fmt: skip
    for events in (first, second):
        stats = total(events)
        assert 4 <= stats.health.requests <= 6
        assert "GET /health" not in by_name(stats)


SHOP = """
    from nineam import journey, check

    async def login(user):
        user.state.logged_in = (await user.post("/login", json={"user": user.id})).status == 200

    async def logout(user):
        print("goodbye", user.id)

    @journey(weight=3, setup=login, teardown=logout)
    async def browse(user):
        assert user.state.logged_in
        orders = await user.get("/orders")
        check("status is 200", orders.status == 200)
        check("is empty", orders.json() == [])
        async with user.group("details"):
            await user.think(0.001, 0.002)
            await user.get(f"/orders/{user.id}")

    @journey
    async def broken(user):
        orders = await user.get("/orders")
        orders.json()["missing"]
"""


@pytest.mark.parametrize(
    "shape",
    [
        phase(vus=5),
        phase("constant-arrival-rate", rate=100),
        phase("poisson-arrival-rate", rate=100, max_vus=10),
        phase("polite"),
    ],
    ids=lambda shape: shape.executor,
)
def test_journeys_run_under_every_executor(tmp_path, shape):
    (events,) = run(shape, journeys_file=journeys(tmp_path, SHOP))
    stats = total(events)
    assert events[-1].elapsed_s < 1.5
    counts = by_name(stats)
    assert stats.iterations > 5
    assert counts["GET /orders"].requests >= counts["GET /orders/{id}"].requests > 0
    assert 1 <= counts["POST /login"].requests <= 20
    assert {check.name: (check.passes > 0, check.fails > 0) for check in stats.checks} == {
        "status is 200": (True, False),
        "is empty": (False, True),
    }
    (problem,) = stats.problems
    assert problem.message == "KeyError: 'missing'"
    assert problem.where == "monday.py:23"
    assert problem.count > 0
    assert stats.timings["iteration_duration"].count == stats.iterations
    assert stats.timings["group_duration"].count > 0


def test_users_keep_their_connections_and_logins_from_phase_to_phase(tmp_path):
    first, second = run(phase(vus=3, name="one"), phase(vus=3, name="two"), journeys_file=journeys(tmp_path, SHOP))
    assert by_name(total(first))["POST /login"].requests == 3
    assert "POST /login" not in by_name(total(second))
    connecting = total(second).timings["http_req_connecting"]
    assert connecting.count == connecting.counts[0]


def test_iterations_of_one_request_are_all_finished_at_the_end_of_a_phase(tmp_path):
    file = journeys(
        tmp_path,
        """
        from nineam import journey, check
        @journey
        async def one(user):
            check("ok", (await user.get("/")).status == 200)
        """,
    )
    (events,) = run(phase(vus=8), journeys_file=file)
    stats = total(events)
    assert stats.iterations == stats.generator.requests == stats.checks[0].passes


def test_a_phase_ends_in_the_middle_of_thinking_without_waiting_for_it(tmp_path):
    file = journeys(
        tmp_path,
        """
        from nineam import journey
        @journey
        async def slow(user):
            await user.get("/")
            await user.think(60)
        """,
    )
    first, second = run(phase(vus=3, name="one"), phase(vus=3, name="two"), journeys_file=file)
    assert first[-1].elapsed_s < 2
    assert (total(first).iterations, total(first).generator.requests) == (0, 3)
    assert total(second).generator.requests == 3


def test_a_journey_that_never_sends_does_not_stop_the_others(tmp_path):
    file = journeys(
        tmp_path,
        """
        from nineam import journey
        @journey
        async def idle(user): pass
        @journey
        async def busy(user): await user.get("/")
        """,
    )
    (events,) = run(phase(vus=4), journeys_file=file)
    assert total(events).generator.requests > 10
    assert events[-1].elapsed_s < 2


def test_a_journey_that_blocks_is_named_with_its_line(tmp_path):
    file = journeys(
        tmp_path,
        """
        import time
        from nineam import journey
        @journey
        async def blocking(user):
            await user.get("/")
            time.sleep(1.5)
        """,
    )
    (events,) = run(phase(vus=1, duration_s=0.5), journeys_file=file)
    stats = total(events)
    assert [problem.where for problem in stats.problems] == ["monday.py:7"]
    assert "holds every user up" in stats.problems[0].message
    assert stats.generator.loop_lag_ms > 1000


def test_a_journey_may_print(tmp_path):
    file = journeys(
        tmp_path,
        """
        import os
        from nineam import journey
        print("imported")
        @journey
        async def chatty(user):
            print("hello", flush=True)
            os.write(1, b"raw\\n")
            await user.get("/")
        """,
    )
    (events,) = run(phase(vus=1), journeys_file=file)
    assert total(events).iterations > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nowhere_to_be_found", "monday.py:1 could not be imported"),
        ("def (", "is not Python"),
        ("", "no journey"),
    ],
)
def test_a_broken_journeys_file_is_a_usage_error_before_any_phase(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        run(journeys_file=journeys(tmp_path, text))


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({}, "nothing to send"),
        ({"requests": (RequestSpec(method="GET", path="/", name="x", headers=(("a", "b\nc"),)),)}, "line break"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_a_usage_error(plan, message):
    with pytest.raises(UsageError, match=message):
        run(**plan)


def test_a_process_that_dies_is_reported_with_its_last_words(tmp_path):
    file = journeys(
        tmp_path,
        """
        import os, sys
        from nineam import journey
        @journey
        async def fatal(user):
            print("the end is near", file=sys.stderr, flush=True)
            os.abort()
        """,
    )
    with pytest.raises(NineamError, match="died with exit code -6") as caught:
        run(phase(vus=1), journeys_file=file)
    assert "the end is near" in caught.value.details


def test_a_journey_that_swallows_everything_is_shut_out_of_the_next_phase(tmp_path):
    file = journeys(
        tmp_path,
        """
        import asyncio, contextlib
        from nineam import journey
        @journey
        async def stubborn(user):
            while True:
                with contextlib.suppress(BaseException):
                    await user.get("/stubborn")
                with contextlib.suppress(BaseException):
                    await asyncio.sleep(0.02)
        """,
    )
    first, second = run(
        phase(vus=2, name="one", graceful_stop_s=0.1), phase(vus=1, name="two", graceful_stop_s=0.1), journeys_file=file
    )
    assert first[-1].elapsed_s < 5
    assert total(first).generator.requests > 0
    assert total(second).timings["http_req_connecting"].counts[0] < total(second).generator.requests


@pytest.mark.parametrize("said", [b'{"kind":"tick","at_ns":null}', b"no json", b"x" * (2**26 + 2)], ids=len)
def test_what_is_not_understood_of_a_load_process_is_an_error_of_its_own(tmp_path, said):
    (tmp_path / "said").write_bytes(said + b"\n")

    async def talk():
        process = LoadProcess()
        try:
            launcher = ("sh", "-c", f"cat {tmp_path}/said; read stop")  # it speaks instead of the process
            await process.start(LoadPlan(base_url="http://127.0.0.1:9"), launcher)
        finally:
            await process.stop()

    with pytest.raises(NineamError, match=r"is not understood|more than [\d,]+ bytes at once") as caught:
        asyncio.run(talk())
    assert "report it" in caught.value.hint


def test_a_module_of_the_project_does_not_stand_in_for_one_of_ours(tmp_path, monkeypatch):
    for name in ("ssl.py", "httptools.py", "asyncio.py"):
        (tmp_path / name).write_text("raise SystemExit('imported the wrong one')")
    monkeypatch.chdir(tmp_path)
    (events,) = run(phase(vus=1, duration_s=0.1), requests=REQUESTS)
    assert total(events).iterations > 0


def test_a_launcher_that_does_not_exist_is_an_error_that_names_it():
    with pytest.raises(NineamError, match="no-such-launcher"):
        asyncio.run(LoadProcess().start(LoadPlan(base_url="http://127.0.0.1:9"), ["no-such-launcher"]))


def test_requests_cut_off_by_a_stop_are_not_counted_as_failures():
    async def stop_at_the_first_tick(process, event):
        if event.kind == "tick":
            await process._send(Command(stop=True))

    (events,) = run(phase(vus=3, duration_s=60.0), protocol=Slow, requests=REQUESTS, on_event=stop_at_the_first_tick)
    assert total(events).generator.requests == 0


def test_arrivals_that_never_came_to_their_turn_are_dropped_ones():
    (events,) = run(phase("constant-arrival-rate", rate=1_000_000, duration_s=0.2, max_vus=50), requests=REQUESTS)
    stats = total(events)
    assert stats.iterations + stats.generator.dropped_iterations == 200_000


def test_stopping_ends_a_running_phase_at_once():
    async def stop_at_the_first_tick(process, event):
        if event.kind == "tick":
            await process._send(Command(stop=True))

    (events,) = run(phase(vus=2, duration_s=60.0), requests=REQUESTS, on_event=stop_at_the_first_tick)
    assert events[-1].kind == "done"
    assert events[-1].elapsed_s < 10


def test_a_phase_may_be_ended_and_the_next_one_run():
    async def end_the_first(process, event):
        if event.kind == "tick" and event.phase == "one":
            await process.end_phase()

    endless = phase(vus=2, duration_s=60.0, name="one")
    first, second = run(endless, phase(vus=2, name="two"), requests=REQUESTS, on_event=end_the_first)
    assert first[-1].elapsed_s < 10
    assert total(second).iterations > 0


def test_a_scenario_that_cannot_be_played_is_a_usage_error():
    unknown = Scenario(name="browse", executor="shared-iterations", exec=("GET /aa",))
    with pytest.raises(UsageError, match="scenario browse: exec names 'GET /aa'"):
        run(phase(scenarios=(unknown,)), requests=REQUESTS)


def test_stopping_twice_and_before_starting_is_harmless():
    async def main():
        process = LoadProcess()
        await process.stop()
        await process.start(LoadPlan(base_url="http://127.0.0.1:9", requests=REQUESTS))
        pid = process.pid
        await process.stop()
        await process.stop()
        return pid, process.pid

    pid, after = asyncio.run(main())
    assert after is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@contextlib.contextmanager
def bare_process(plan):
    with subprocess.Popen(
        [sys.executable, "-m", "nineam.load.shard"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdin.write(plan + b"\n")
        process.stdin.flush()
        yield process


def plan_line(**plan):
    return msgspec.json.encode(LoadPlan(base_url="http://127.0.0.1:9", requests=REQUESTS, **plan))


def next_event(process):
    return msgspec.json.decode(process.stdout.readline(), type=LoadEvent)


def test_the_end_of_the_input_ends_the_process_even_in_the_middle_of_a_phase():
    with bare_process(plan_line()) as process:
        assert next_event(process).kind == "ready"
        process.stdin.write(msgspec.json.encode(Command(phase=phase(duration_s=600))) + b"\n")
        process.stdin.flush()
        assert next_event(process).kind == "tick"
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_an_interrupt_from_the_terminal_is_left_to_the_controller():
    with bare_process(plan_line()) as process:
        assert next_event(process).kind == "ready"
        process.send_signal(signal.SIGINT)
        process.stdin.write(msgspec.json.encode(Command(phase=phase(duration_s=0.1))) + b"\n")
        process.stdin.flush()
        assert next_event(process).kind in ("tick", "done")
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_a_plan_that_is_no_plan_is_answered_with_failed():
    with bare_process(b'{"base_url": 3}') as process:
        event = next_event(process)
        assert (event.kind, process.wait(timeout=10)) == ("failed", 2)
        assert "the load plan is not understood" in event.message
