"""How the benchmarks turn runs into numbers and text."""

import json

import pytest
from benchmarks.contenders import CONTENDERS, HEY, WRK
from benchmarks.reported import Reported, by_script, events_in, stats_of
from benchmarks.running import Sample
from benchmarks.steadiness import sparkline, steadiness
from benchmarks.tables import markdown, paired, part_of, range_of, spread

from nineam.model import GeneratorStats, LoadStats

EVENT = '{"kind":"tick","at_ns":1,"elapsed_s":%s,"stats":{"generator":{"requests":%d}}}'


def test_ratios_are_paired_by_round():
    assert paired([10, 30], [5, 10]) == spread([2.0, 3.0])


def test_spreads_read_as_text():
    assert range_of(spread([1.0, 2.0, 4.0])) == "2.0 (1.0 - 4.0)"
    assert range_of(spread([1234.0]), 0) == "1,234"
    assert part_of(spread([0.125, 0.25, 0.1])) == "1/8.0 (1/10.0 - 1/4.0)"


def test_tables_are_padded_markdown():
    assert markdown(["", "us"], [["wrk", "6.9"]]) == ["|     | us  |", "|-----|-----|", "| wrk | 6.9 |"]


def test_memory_is_compared_by_tenths_without_the_first():
    samples = [Sample(second, 90 if second < 10 else 100 if second < 95 else 110) for second in range(100)]
    steady = steadiness(samples)
    assert (steady.before_mb, steady.after_mb, steady.most_mb) == (100, 105, 110)
    assert (steady.growth, steady.highest) == (pytest.approx(0.05), pytest.approx(0.1))


def test_too_few_samples_of_memory_are_refused():
    with pytest.raises(ValueError, match="ten are needed"):
        steadiness([Sample(1, 1)] * 9)


def test_bars_stay_between_their_bounds():
    assert sparkline([0, 5, 10, 99, -1], 0, 10) == "▁▅██▁"
    assert sparkline([3, 3], 3, 3) == "▁▁"


def test_intervals_count_from_the_first_that_begins_late_enough():
    events = events_in("\n".join(EVENT % each for each in ((0.5, 1), (1.0, 10), (1.5, 100))).encode())
    assert [stats_of(events, after).generator.requests for after in (0.0, 0.5, 0.6, 1.0, 2.0)] == [
        111,
        110,
        100,
        100,
        0,
    ]


def test_a_journey_with_a_bug_is_no_measurement():
    line = json.dumps(
        {"kind": "tick", "at_ns": 1, "stats": {"problems": [{"message": "boom", "where": "monday.py:3"}]}}
    )
    with pytest.raises(RuntimeError, match=r"boom \(monday.py:3\)"):
        events_in(line.encode())


def test_a_load_process_that_gives_up_is_no_measurement():
    with pytest.raises(RuntimeError, match="no such file"):
        events_in(b'{"kind":"failed","at_ns":1,"message":"no such file"}')


def test_the_peers_scripts_say_their_numbers_in_one_line():
    output = b'warning\nresult={"requests":7,"mean":1.5,"percentiles":[1,2,3,4],"max":5}\nbye\n'
    assert by_script(output) == Reported(7, 1.5, (1, 2, 3, 4), 5)
    assert by_script(output).p99_ms == 3


def test_a_peer_without_a_result_is_quoted():
    with pytest.raises(RuntimeError, match="no such script"):
        by_script(b"error: no such script")


@pytest.mark.parametrize(
    ("name", "output"),
    [(WRK, b"  12345 requests in 4.00s, 2.1MB read"), (HEY, b"Status code distribution:\n  [200]\t12345 responses\n")],
)
def test_requests_are_read_from_what_a_peer_prints(name, output):
    contender = next(each for each in CONTENDERS if each.name == name)
    assert contender.requests_in(output) == 12345
    assert contender.requests_in(b"connection refused") == 0


def test_nothing_happened_before_anything_did():
    assert stats_of([]) == LoadStats(generator=GeneratorStats())
