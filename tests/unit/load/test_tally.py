"""Metrics by name and tag."""

import pytest

from nineam import counter, gauge, metric, rate, script
from nineam.histogram import Histogram
from nineam.load.collector import Collector
from nineam.load.metrics import metrics, trend
from nineam.load.tally import MOST_NAMES, MOST_VALUES
from nineam.load.thresholds import evaluate, parse
from nineam.merging import merge
from nineam.model import GaugeData

ONE = GaugeData(value=1, min=1, max=1)


@pytest.fixture
def collector():
    collector = Collector()
    script.attach(collector)
    yield collector
    script.attach(None)


def fill():
    metric("size", 3)
    metric("size", 5, tags={"kind": "big"})
    counter("bought")
    counter("bought", 2, tags={"kind": "big"})
    for value in (3, 9, 7):
        gauge("stock", value)
    rate("ok", ok=True)
    rate("ok", ok=[])


def test_every_kind_is_kept_as_k6_keeps_it(collector):
    fill()
    found = metrics(collector.take(), 2.0, ONE)
    assert found["size"].values["avg"] == 4
    assert found["size{kind:big}"].values["max"] == 5
    assert found["bought"].values == {"count": 3, "rate": 1.5}
    assert found["bought{kind:big}"].values["count"] == 2
    assert (found["stock"].type, found["stock"].values) == ("gauge", {"value": 7, "min": 3, "max": 9})
    assert (found["ok"].type, found["ok"].values) == ("rate", {"rate": 0.5, "passes": 1, "fails": 1})


def test_intervals_add_up_and_begin_anew(collector):
    fill()
    first = collector.take()
    assert collector.take().counters == {}
    fill()
    gauge("stock", 1)
    total = merge(first, collector.take())
    assert total.counters["bought"] == 6
    assert (total.gauges["stock"].value, total.gauges["stock"].min, total.gauges["stock"].max) == (1, 1, 9)
    assert (total.rates["ok"].passes, total.rates["ok"].fails) == (2, 2)
    assert total.timings["size"].count == 4


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("bought count>2", True),
        ("bought rate<1", False),
        ("stock value==7", True),
        ("ok rate>0.4", True),
        ("size p(95)<4", False),
    ],
)
def test_thresholds_can_name_them(collector, text, ok):
    fill()
    stats = collector.take()
    kinds = {"bought": "counter", "stock": "gauge", "ok": "rate", "size": "trend"}
    result = evaluate(parse(text, kinds), metrics(stats, 2.0, ONE), stats.endpoints, stats.timings)
    assert result.ok == ok


def test_values_of_a_trend_may_be_large_or_negative(collector):
    for value in (5e6, 1e7, 2e7, 3e7, 5e7, 6e7, 7e7, 8e7, 9e7, 1e8):
        metric("payload_bytes", value)
    for value in (-5, -3, -1.5):
        metric("delta", value)
    found = {name: trend(name, Histogram.from_data(data)).values for name, data in collector.take().timings.items()}
    assert found["payload_bytes"]["med"] == pytest.approx(5e7, rel=0.004)
    assert found["payload_bytes"]["p(90)"] == pytest.approx(9e7, rel=0.004)
    assert [found["delta"][each] for each in ("min", "med", "max")] == [-5, pytest.approx(-3, rel=0.004), -1.5]


@pytest.mark.parametrize("value", [1e31, -1e31])
def test_values_that_could_not_be_added_up_are_refused(collector, value):
    for keep in (metric, counter, gauge):
        with pytest.raises(ValueError, match="up to 1e\\+30"):
            keep(f"my_{keep.__name__}", value)


def test_one_name_is_one_kind(collector):
    counter("x")
    with pytest.raises(ValueError, match="'x' is a counter already and cannot be a rate as well"):
        rate("x", ok=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda: counter("ws_x"),
        lambda: gauge("a b", 1),
        lambda: rate("vus", ok=True),
        lambda: metric("a", 1, tags={"a b": 1}),
    ],
)
def test_names_that_no_threshold_could_spell_are_refused(collector, call):
    with pytest.raises(ValueError, match="cannot"):
        call()


def test_a_tag_with_too_many_values_is_said_once_and_the_rest_counts_as_other(collector):
    for _ in range(2):
        for number in range(MOST_VALUES + 20):
            counter("n", tags={"user": number})
    stats = collector.take()
    assert len(stats.counters) == MOST_VALUES + 2
    assert stats.counters["n{user:other}"] == 40
    assert [(problem.message, problem.count) for problem in stats.problems] == [
        (f"tag 'user' has more than {MOST_VALUES} values: the rest count as user:other", 1)
    ]


def test_tagged_requests_can_be_judged(collector):
    for milliseconds, failed in ((10, False), (30, True)):
        collector.tagged(milliseconds, failed, (("kind", "slow"), ("group", "pay")))
    stats = collector.take()
    found = metrics(stats, 1.0, ONE)
    for text in (
        "http_req_duration{kind:slow} max<31",
        "http_req_failed{kind:slow} rate==0.5",
        "http_req_failed{group:pay} rate>0",
    ):
        assert evaluate(parse(text, (), {"kind"}), found, stats.endpoints, stats.timings).ok


def test_metrics_without_end_are_not_counted_and_that_is_said_once(collector):
    for _ in range(2):
        for number in range(MOST_NAMES + 20):
            collector.trend(f"m{number}", 1.0)
        collector.counter("ws_sessions")
    stats = collector.take()
    assert len(stats.timings) == MOST_NAMES
    assert stats.counters == {"ws_sessions": 2}
    assert [(problem.message.partition(":")[0], problem.count) for problem in stats.problems] == [
        (f"more than {MOST_NAMES} metrics and tags of metrics", 1)
    ]
