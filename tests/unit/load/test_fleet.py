"""Several load processes count what one would have counted."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.histogram import Histogram
from nineam.load import limits
from nineam.load.fleet import Fleet, processes_needed
from nineam.load.selftest import Stub
from nineam.merging import merge, merge_parallel
from nineam.model import EndpointStats, GeneratorStats, LoadPlan, LoadStats, Phase, RequestSpec

REQUESTS = (RequestSpec(method="GET", path="/a", name="GET /a"), RequestSpec(method="GET", path="/b", name="GET /b"))


async def fleet_counts(processes: int, phase: Phase, **source: Any) -> tuple[LoadStats, list[str], int]:
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
    fleet = Fleet(processes)
    total, kinds = LoadStats(), []
    try:
        port = server.sockets[0].getsockname()[1]
        ready = await fleet.start(LoadPlan(base_url=f"http://127.0.0.1:{port}", **(source or {"requests": REQUESTS})))
        assert ready.kind == "ready"
        assert len(fleet.pids) == processes
        async for event in fleet.run(phase):
            total = merge(total, event.stats)
            kinds.append(event.kind)
        return total, kinds, event.active_vus
    finally:
        await fleet.stop()
        server.close()


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_an_open_schedule_is_split_exactly(processes):
    phase = Phase(name="open", executor="constant-arrival-rate", duration_s=1.0, rate=101)
    stats, kinds, _ = asyncio.run(fleet_counts(processes, phase))
    assert stats.iterations + stats.generator.dropped_iterations == 101
    assert sum(endpoint.requests for endpoint in stats.endpoints) == stats.iterations
    assert kinds[-1] == "done"
    assert set(kinds[:-1]) == {"tick"}


def test_time_passes_once_however_many_processes():
    phase = Phase(name="closed", executor="constant-vus", duration_s=1.0, vus=5, think_s=0.01)
    stats, _, _ = asyncio.run(fleet_counts(2, phase))
    assert stats.generator.wall_s < 4.0
    assert 0 < stats.generator.busiest_cpu_s <= stats.generator.cpu_s


def test_a_plan_that_cannot_be_used_stops_all_of_them():
    async def start() -> Fleet:
        fleet = Fleet(2)
        try:
            with pytest.raises(UsageError):
                await fleet.start(LoadPlan(base_url="http://127.0.0.1:1"))
        finally:
            await fleet.stop()
        return fleet

    assert asyncio.run(start()).pids == ()


def test_how_many_processes_a_load_needs():
    assert processes_needed(users=50, rate=0, cores=8) == 1
    assert processes_needed(users=0, rate=50_000, cores=8) == 3
    assert processes_needed(users=100_000, rate=0, cores=4) == 4
    assert processes_needed(users=0, rate=0, cores=0) == 1


STAMPING = """
from nineam import journey
from nineam.load.users import User

run = User.run

def stamped(user, item, intended_ns):
    with open({path!r}, "a") as file:
        file.write(f"{{intended_ns}}\\n")
    run(user, item, intended_ns)

User.run = stamped

@journey
async def one(user):
    await user.get("/")
"""


def test_processes_begin_together(tmp_path, monkeypatch):
    """What they play is one schedule: the gaps between the intended instants of all of them are exactly its own."""
    monkeypatch.setattr("nineam.load.fleet.GET_READY_NS", 2_000_000_000)
    instants, file = tmp_path / "instants", tmp_path / "monday.py"
    file.write_text(STAMPING.format(path=str(instants)))
    phase = Phase(name="open", executor="constant-arrival-rate", duration_s=0.5, rate=20)
    asyncio.run(fleet_counts(3, phase, journeys_file=str(file)))
    found = sorted(int(line) for line in instants.read_text().split())
    assert [later - earlier for earlier, later in pairwise(found)] == [50_000_000] * 9


def test_ports_of_processes_add_up_and_those_of_ended_connections_count_once():
    each = LoadStats(generator=GeneratorStats(ports=0.3, waiting_ports=0.1))
    merged = merge_parallel(merge_parallel(each, each), each)
    assert merged.generator.ports == pytest.approx(0.7)
    assert merge(merged, each).generator.ports == merged.generator.ports


def test_connections_of_our_own_are_told_from_the_ports_of_ended_ones():
    few, many = (limits.noted(LoadStats(), connections, 0).generator for connections in (0, 10))
    assert few.ports == few.waiting_ports
    assert (many.ports - many.waiting_ports) * limits._ports() == pytest.approx(10)


def part(values: list[int], cpu_s: float) -> LoadStats:
    histogram = Histogram()
    histogram.record_many(values)
    data = histogram.to_data()
    endpoint = EndpointStats(name="GET /", requests=len(values), response=data, service=data)
    return LoadStats(
        endpoints=(endpoint,),
        timings={"iteration_duration": data},
        iterations=len(values),
        generator=GeneratorStats(requests=len(values), slip=data, cpu_s=cpu_s, busiest_cpu_s=cpu_s, wall_s=1.0),
    )


@given(st.lists(st.lists(st.integers(0, 2**33), min_size=1), min_size=1, max_size=5))
def test_merged_histograms_are_those_of_one_process(parts):
    """Counts, bounds and every percentile are exactly what one process would have counted."""
    merged = part(parts[0], 0.5)
    for values in parts[1:]:
        merged = merge_parallel(merged, part(values, 0.25))
    whole = part([value for values in parts for value in values], 0.5)
    one, other = merged.endpoints[0], whole.endpoints[0]
    assert (one.response.counts, one.response.count) == (other.response.counts, other.response.count)
    assert (one.response.min, one.response.max) == (other.response.min, other.response.max)
    assert merged.iterations == whole.iterations
    assert merged.generator.wall_s == 1.0
    assert merged.generator.busiest_cpu_s == 0.5
    histogram = Histogram.from_data(one.response)
    assert all(histogram.percentile(percent) <= histogram.max for percent in (0, 50, 95, 99, 99.9, 99.99, 100))
