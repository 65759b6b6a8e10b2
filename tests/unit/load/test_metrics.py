import msgspec
import pytest

from nineam.histogram import Histogram
from nineam.load.metrics import metrics
from nineam.model import CheckResult, EndpointStats, GaugeData, GeneratorStats, HistogramData, LoadStats, Metric

NOBODY = GaugeData()


def histogram_of(*milliseconds) -> HistogramData:
    histogram = Histogram()
    for value in milliseconds:
        histogram.record(value * 1000)
    return histogram.to_data()


STATS = LoadStats(
    endpoints=(
        EndpointStats(name="GET /a", requests=3, failed=1, response=histogram_of(10, 20, 30)),
        EndpointStats(name="GET /b", requests=1, response=histogram_of(100)),
    ),
    checks=(CheckResult(name="one", passes=3, fails=1), CheckResult(name="two", passes=0, fails=4)),
    timings={
        "http_req_blocked": histogram_of(0, 1),
        "iteration_duration": histogram_of(50),
        "cart_size": histogram_of(7),
    },
    iterations=4,
    data_sent=1000,
    data_received=5000,
    generator=GeneratorStats(dropped_iterations=2),
)


@pytest.mark.parametrize(
    ("name", "type_", "contains", "values"),
    [
        ("http_reqs", "counter", "default", {"count": 4, "rate": 2}),
        ("http_req_failed", "rate", "default", {"rate": 0.25, "passes": 1, "fails": 3}),
        ("checks", "rate", "default", {"rate": 0.375, "passes": 3, "fails": 5}),
        ("iterations", "counter", "default", {"count": 4, "rate": 2}),
        ("dropped_iterations", "counter", "default", {"count": 2, "rate": 1}),
        ("data_sent", "counter", "data", {"count": 1000, "rate": 500}),
        ("data_received", "counter", "data", {"count": 5000, "rate": 2500}),
        ("vus", "gauge", "default", {"value": 5, "min": 5, "max": 9}),
        ("vus_max", "gauge", "default", {"value": 9, "min": 9, "max": 9}),
    ],
)
def test_metrics_have_the_names_types_and_values_of_k6(name, type_, contains, values):
    metric = metrics(STATS, 2.0, GaugeData(value=5, min=5, max=9))[name]
    assert (metric.type, metric.contains, metric.values) == (type_, contains, values)


def test_trends_are_in_milliseconds_with_all_their_columns():
    metric = metrics(STATS, 2.0, GaugeData(value=5, min=5, max=9))["http_req_duration"]
    assert (metric.type, metric.contains) == ("trend", "time")
    assert list(metric.values) == ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)"]
    assert metric.values == pytest.approx(
        {"avg": 40, "min": 10, "med": 20, "max": 100, "p(90)": 100, "p(95)": 100, "p(99)": 100}, rel=0.01
    )


def test_a_journeys_own_metric_is_a_plain_trend():
    metric = metrics(STATS, 2.0, GaugeData(value=5, min=5, max=9))["cart_size"]
    assert (metric.type, metric.contains, metric.values["avg"]) == ("trend", "default", 7)


def test_no_traffic_gives_zeros_and_no_checks():
    found = metrics(LoadStats(), 0.0, NOBODY)
    assert found["http_reqs"].values == {"count": 0, "rate": 0}
    assert found["http_req_failed"].values["rate"] == 0
    assert found["http_req_duration"].values["p(99)"] == 0
    assert "checks" not in found


def test_iterations_too_short_to_be_met_had_somebody_and_say_so_as_a_number():
    found = metrics(STATS, 2.0, NOBODY)
    assert msgspec.convert(msgspec.to_builtins(found), dict[str, Metric])["vus_max"].values["max"] == 1.0
