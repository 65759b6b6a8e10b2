"""What was counted comes back interval by interval, on the wall clock."""

from nineam.endpoints import method_and_path
from nineam.model import EndpointStats, GeneratorStats, LoadStats, Tick
from nineam.store.reader import ticks
from nineam.store.writer import Writer


def test_ticks_come_back_in_order_with_their_phase_and_the_time_of_day(tmp_path):
    writer = Writer(tmp_path / "run.db")
    writer.meta("epoch_ns", 1_700_000_000_000_000_000)
    polite = writer.begin_phase("localhost", 0, 0.0, 1, 0)
    monday = writer.begin_phase("monday", 3, 12.0, 0, 0)
    stats = LoadStats(
        endpoints=(EndpointStats(name="GET /", requests=2),), generator=GeneratorStats(requests=2, wall_s=0.5)
    )
    writer.load(monday, 2_000_000_000, stats, 7)
    writer.load(polite, 1_000_000_000, stats)
    writer.close()
    assert ticks(tmp_path / "run.db") == (
        Tick(kind="localhost", stair=0, at_s=1_700_000_001.0, seconds=0.5, vus=0, stats=stats),
        Tick(kind="monday", stair=3, at_s=1_700_000_002.0, seconds=0.5, vus=7, stats=stats),
    )


def test_an_endpoint_s_name_is_split_where_it_begins_with_a_method():
    assert method_and_path("GET /api/orders/{id}") == ("GET", "/api/orders/{id}")
    assert method_and_path("checkout") == ("", "checkout")
    assert method_and_path("check out now") == ("", "check out now")
