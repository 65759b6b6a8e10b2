"""JSON lines as k6 writes them; counters add up to the run, gauges say which statistic they are."""

import json
from collections import defaultdict

import intervals

from nineam.model import CheckResult, GaugeData, RateData
from nineam.report.json_lines import render_json_lines


def lines(ticks):
    return [json.loads(line) for line in render_json_lines(intervals.document(), ticks)[""]]


def values(ticks, metric):
    return [line["data"] for line in lines(ticks) if line["type"] == "Point" and line["metric"] == metric]


def test_a_metric_is_declared_once_and_before_its_first_point():
    declared = set()
    for line in lines(intervals.run()):
        if line["type"] == "Metric":
            assert line["metric"] not in declared
            assert set(line["data"]) == {"name", "type", "contains", "thresholds", "submetrics"}
            declared.add(line["metric"])
        else:
            assert line["metric"] in declared
            assert set(line["data"]) == {"time", "value", "tags"}


def test_counters_add_up_to_what_was_counted():
    counted = defaultdict(float)
    for point in values(intervals.run(), "http_reqs"):
        counted[point["tags"]["name"], point["tags"]["status"]] += point["value"]
    assert counted == {("/orders", "200"): 28, ("/cart", "200"): 4, ("/cart", "500"): 4, ("/cart", "0"): 4}
    assert sum(point["value"] for point in values(intervals.run(), "http_reqs_failed")) == 8


def test_a_trend_is_several_gauges_that_say_what_they_are():
    (point,) = values([intervals.tick(1, intervals.endpoint())], "http_req_duration_p95")
    assert point["value"] == 30.0
    assert point["time"] == "2026-11-18T11:06:40.500Z"
    assert point["tags"] == {"phase": "monday", "stair": "1", "method": "GET", "name": "/orders"}
    assert [value["value"] for value in values([intervals.tick(1, intervals.endpoint())], "http_req_duration_avg")] == [
        20.0
    ]
    assert not values([intervals.tick(1, intervals.endpoint())], "http_req_duration")


def test_what_journeys_count_has_its_tag_and_its_weight():
    tick = intervals.tick(
        1,
        timings={"group_duration{group:pay}": intervals.data(40.0, 60.0), "cart_size": intervals.data(3.0)},
        counters={"orders": 2.0},
        gauges={"queue": GaugeData(value=4.0, min=1.0, max=9.0)},
        rates={"found": RateData(passes=1, fails=3)},
        checks=(CheckResult(name="ok", passes=3, fails=1),),
    )
    declared = {line["metric"]: line["data"] for line in lines([tick]) if line["type"] == "Metric"}
    assert declared["group_duration_max"]["contains"] == "time"
    assert declared["cart_size_max"]["contains"] == "default"
    assert values([tick], "group_duration_max")[0]["tags"]["group"] == "pay"
    assert values([tick], "group_duration_count")[0]["value"] == 2
    assert values([tick], "orders")[0]["value"] == 2
    assert values([tick], "queue")[0]["value"] == 4
    assert values([tick], "found_rate")[0]["value"] == 0.25
    assert (values([tick], "checks_rate")[0]["value"], values([tick], "checks_rate")[0]["tags"]["check"]) == (
        0.75,
        "ok",
    )


def test_a_lone_surrogate_in_a_name_is_written_as_its_escape():
    tick = intervals.tick(1, intervals.endpoint("GET /caf\udce9"))
    assert values([tick], "http_reqs")[0]["tags"]["name"] == "/caf\\udce9"
