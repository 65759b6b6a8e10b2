"""What arrives at a Prometheus and at an OpenTelemetry collector, and what is said when it does not."""

import bisect

import intervals
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.export.delivery import in_few_words, without_password
from nineam.export.destinations import check_destination, delivery, endpoint
from nineam.export.otlp import BOUNDS_S, bucket_counts
from nineam.export.sender import send_all
from nineam.model import CheckResult

pytest.importorskip("opentelemetry.exporter.prometheus_remote_write", reason="the metrics extra")
pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the metrics extra")


def series(request):
    """Decode a remote write request: the series' labels, and (value, milliseconds)."""
    import snappy
    from opentelemetry.exporter.prometheus_remote_write.gen.remote_pb2 import WriteRequest

    message = WriteRequest()
    message.ParseFromString(snappy.decompress(request[2]))
    return [
        ({label.name: label.value for label in each.labels}, [(one.value, one.timestamp) for one in each.samples])
        for each in message.timeseries
    ]


def values(request, name):
    return {
        tuple(sorted((key, value) for key, value in labels.items() if key not in ("__name__", "testid"))): samples[0][0]
        for labels, samples in series(request)
        if labels["__name__"] == name
    }


def metrics(request):
    """Decode an OTLP request: metrics by name, and the resource."""
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    message = ExportMetricsServiceRequest()
    message.ParseFromString(request[2])
    (resource,) = message.resource_metrics
    (scope,) = resource.scope_metrics
    return {metric.name: metric for metric in scope.metrics}, attributes(resource.resource)


def attributes(point):
    return {each.key: each.value.string_value or each.value.int_value for each in point.attributes}


def test_prometheus_gets_k6_s_names_every_five_seconds_with_the_run_s_own_time(receiver):
    ticks = [intervals.tick(number, intervals.endpoint()) for number in range(1, 23)]
    assert send_all(delivery("prometheus", receiver.url, "run-7"), ticks).complaint == ""
    assert [path for path, _, _ in receiver.received] == ["/api/v1/write"] * 3
    first, second, third = receiver.received
    assert first[1]["content-encoding"] == "snappy"
    labels = (("method", "GET"), ("name", "/orders"), ("phase", "monday"), ("status", "200"))
    assert [values(each, "k6_http_reqs_total")[labels] for each in (first, second, third)] == [27, 54, 66]
    assert values(first, "k6_http_req_duration_p95") == {labels[:3]: 0.03}
    assert values(first, "k6_http_req_failed_rate") == {labels[:3]: 0.0}
    assert values(first, "k6_vus") == {(("phase", "monday"),): 7}
    assert {labels["testid"] for labels, _ in series(first)} == {"run-7"}
    assert {samples[0][1] for _, samples in series(first)} == {int((intervals.BEGAN_S + 4.5) * 1000)}


def test_labels_are_sorted_and_never_empty(receiver):
    send_all(delivery("prometheus", receiver.url, "run"), [intervals.tick(1, intervals.endpoint("checkout"))])
    for labels, _ in series(receiver.received[0]):
        assert list(labels) == sorted(labels)
        assert all(labels.values())


def test_otlp_gets_histograms_under_the_names_of_the_conventions(receiver):
    send_all(delivery("otlp", receiver.url, "run-7"), intervals.run())
    assert {path for path, _, _ in receiver.received} == {"/v1/metrics"}
    found, resource = metrics(receiver.received[-1])
    assert (resource["service.name"], resource["nineam.run"]) == ("nineam", "run-7")
    duration = found["http.client.request.duration"]
    points = {attributes(point)["url.template"]: point for point in duration.histogram.data_points}
    orders = points["/orders"]
    assert duration.unit == "s"
    assert attributes(orders) == {
        "http.request.method": "GET", "url.template": "/orders", "nineam.phase": "monday"
    }  # fmt: skip
    assert (orders.count, orders.min, orders.max) == (24, 0.005, 0.015)
    assert orders.sum == pytest.approx(8 * (0.005 + 0.010 + 0.015))
    assert sum(orders.bucket_counts) == 24
    response = {attributes(p)["url.template"]: p for p in found["nineam.response.duration"].histogram.data_points}
    assert response["/orders"].max == 0.03


def test_otlp_counts_answers_by_status_and_those_that_never_came(receiver):
    checks = (CheckResult(name="ok", passes=2, fails=1),)
    bad = intervals.endpoint("POST /cart", (900.0, 1000.0), failed=2, statuses={"500": 1}, errors={"timeout": 1})
    send_all(delivery("otlp", receiver.url, "run"), [intervals.tick(1, bad, checks=checks)])
    found, _ = metrics(receiver.received[0])
    answers = [(attributes(point), point.as_int) for point in found["nineam.requests"].sum.data_points]
    common = {"http.request.method": "POST", "url.template": "/cart", "nineam.phase": "monday"}
    assert answers == [
        (common | {"http.response.status_code": 500}, 1),
        (common | {"error.type": "no answer"}, 1),
    ]
    told = {attributes(point)["nineam.result"]: point.as_int for point in found["nineam.checks"].sum.data_points}
    assert told == {"pass": 2, "fail": 1}


@given(st.lists(st.floats(0.0, 60_000.0), max_size=50))
def test_bucket_counts_are_what_counting_the_values_gives(milliseconds):
    # a bucket of ours is at most 0.8 % wide: values that near a bound may fall on either side
    clear = [value for value in milliseconds if all(abs(value / 1000 - bound) > 0.01 * bound for bound in BOUNDS_S)]
    expected = [0] * (len(BOUNDS_S) + 1)
    for value in clear:
        expected[bisect.bisect_left(BOUNDS_S, value / 1000)] += 1
    assert bucket_counts(intervals.data(*clear)) == expected


@pytest.mark.parametrize("name", ["prometheus", "otlp"])
def test_an_endpoint_that_refuses_is_given_up_after_three_and_counted_with_its_reason(receiver, name, caplog):
    receiver.status = 403
    ticks = [intervals.tick(number, intervals.endpoint(), seconds=5.0) for number in range(5)]
    sent = send_all(delivery(name, receiver.url, "run"), ticks)
    assert sent.complaint == "3 of 3 deliveries failed (status 403), 2 were not sent"
    assert caplog.text == "", "what the libraries log is told once, not printed"


def test_nobody_there_is_said_in_two_words(free_port):
    sent = send_all(delivery("prometheus", f"http://127.0.0.1:{free_port()}", "run"), [intervals.tick(1)])
    assert sent.complaint == "1 of 1 deliveries failed (connection refused)"


def test_a_password_is_sent_and_never_shown(receiver):
    url = receiver.url.replace("//", "//ann:s3cret@") + "/push"
    send_all(delivery("prometheus", url, "run"), [intervals.tick(1)])
    path, headers, _ = receiver.received[0]
    assert (path, headers["authorization"]) == ("/push", "Basic YW5uOnMzY3JldA==")
    assert without_password(url) == receiver.url + "/push"
    assert "s3cret" not in in_few_words(f"something about {url} went wrong")


@pytest.mark.parametrize(
    "url", ["", "localhost:9090", "ftp://x/", "http://", "http://[::1", "http://127.0.0.1:99999", "http://x:0/"]
)
@pytest.mark.parametrize("name", ["prometheus", "otlp"])
def test_an_address_that_is_none_is_refused_with_an_example(name, url):
    with pytest.raises(UsageError) as raised:
        check_destination(name, url)
    assert f"--{name}: got" in raised.value.message
    assert raised.value.hint.startswith("like http://127.0.0.1:")


def test_a_path_of_one_s_own_is_kept():
    assert endpoint("prometheus", "http://x:9090") == "http://x:9090/api/v1/write"
    assert endpoint("otlp", "https://x/") == "https://x/v1/metrics"
    assert endpoint("otlp", "https://x/otlp/v1/metrics?a=1") == "https://x/otlp/v1/metrics?a=1"


def test_a_missing_extra_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr("nineam.export.destinations.find_spec", lambda module: None)
    with pytest.raises(UsageError) as raised:
        check_destination("otlp", "http://127.0.0.1:4318")
    assert raised.value.hint == "pip install 'nineam[metrics]'"
