"""Thresholds, checks and metrics in k6's layout. The expected lines follow what k6 2 prints."""

from nineam.model import CheckResult, Metric, ThresholdResult
from nineam.report.k6_summary import check_lines, metric_lines, threshold_lines


def trend(contains, avg, low, med, high, p90, p95):
    values = {"avg": avg, "min": low, "med": med, "max": high, "p(90)": p90, "p(95)": p95}
    return Metric(type="trend", contains=contains, values=values)


def test_thresholds_are_grouped_by_metric_and_tagged_ones_are_indented():
    lines = threshold_lines(
        [
            ThresholdResult(metric="http_req_failed", source="rate<0.01", ok=False, value=1 / 7),
            ThresholdResult(metric="http_req_duration", source="p(95)<1500", ok=True, value=61.345),
            ThresholdResult(metric="http_req_duration{kind:x}", source="max<1", ok=True, value=0.0738),
            ThresholdResult(metric="my_count", source="count>3", ok=True, value=21),
        ]
    )
    assert lines == [
        "  █ THRESHOLDS",
        "",
        "    http_req_duration",
        "    ✓ 'p(95)<1500' p(95)=61.34ms",
        "",
        "      {kind:x}",
        "      ✓ 'max<1' max=73.8µs",
        "",
        "    http_req_failed",
        "    ✗ 'rate<0.01' rate=14.28%",
        "",
        "    my_count",
        "    ✓ 'count>3' count=21",
        "",
    ]


def test_a_threshold_without_samples_says_so():
    assert "no samples" in threshold_lines([ThresholdResult(metric="a", source="p(95)<1", ok=False, value=None)])[3]


def test_checks_have_totals_and_the_ones_that_failed_say_how_often_they_held():
    checks = [
        CheckResult(name="always", passes=7, fails=0),
        CheckResult(name="status is 200", passes=4, fails=3),
        CheckResult(name="never ok", passes=0, fails=7),
    ]
    assert check_lines(checks, 0.3) == [
        "checks_total.......................: 21     70/s",
        "checks_succeeded...................: 52.38% 11 out of 21",
        "checks_failed......................: 47.61% 10 out of 21",
        "",
        "✓ always",
        "✗ status is 200",
        "  ↳  57% — ✓ 4 / ✗ 3",
        "✗ never ok",
        "  ↳  0% — ✓ 0 / ✗ 7",
        "",
    ]


def test_metrics_come_by_category_with_dotted_names_and_aligned_columns():
    metrics = {
        "vus": Metric(type="gauge", contains="default", values={"value": 1, "min": 1, "max": 7}),
        "http_reqs": Metric(type="counter", contains="default", values={"count": 7, "rate": 22.782239}),
        "http_req_failed": Metric(type="rate", contains="default", values={"rate": 1 / 7, "matches": 1, "total": 7}),
        "http_req_duration": trend("time", 43.517, 5.577, 44.3, 63.743, 58.9, 61.345),
        "http_req_duration{expected_response:true}": trend("time", 43.47, 5.57, 45.9, 63.74, 59.7, 61.74),
        "cart_size": trend("default", 3.70368, 0, 3.7037, 7.40736, 6.67, 7.03),
        "data_sent": Metric(type="counter", contains="data", values={"count": 497, "rate": 1617}),
    }
    assert metric_lines(metrics, 130) == [
        "CUSTOM",
        "cart_size..........................: avg=3.70368 min=0      med=3.7037 max=7.40736 p(90)=6.67   p(95)=7.03",
        "",
        "HTTP",
        "http_req_duration..................: avg=43.51ms min=5.57ms med=44.3ms max=63.74ms p(90)=58.9ms p(95)=61.34ms",
        "  { expected_response:true }.......: avg=43.47ms min=5.57ms med=45.9ms max=63.74ms p(90)=59.7ms p(95)=61.74ms",
        "http_req_failed....................: 14.28% 1 out of 7",
        "http_reqs..........................: 7      22.782239/s",
        "",
        "EXECUTION",
        "vus................................: 1      min=1       max=7",
        "",
        "NETWORK",
        "data_sent..........................: 497 B  1.6 kB/s",
    ]


def test_a_narrow_terminal_gets_trends_on_two_lines_under_each_other():
    lines = metric_lines({"http_req_duration": trend("time", 43.517, 5.577, 44.347, 63.743, 58.94, 61.345)}, 76)
    assert lines == [
        "HTTP",
        "http_req_duration...: avg=43.51ms min=5.57ms med=44.34ms",
        "                      max=63.74ms p(90)=58.94ms p(95)=61.34ms",
    ]


def test_connecting_is_shown_only_when_it_took_long():
    quick, slow = trend("time", 0, 0, 0, 1, 0.1, 0.2), trend("time", 9, 1, 8, 90, 40, 60)
    assert metric_lines({"http_req_connecting": quick, "http_req_waiting": slow}, 100) == []
    assert "http_req_connecting" in metric_lines({"http_req_connecting": slow}, 100)[1]


def test_a_handshake_is_shown_only_when_it_took_long_and_dropped_iterations_only_when_there_were_any():
    quick, slow = trend("time", 0, 0, 0, 1, 0.1, 0.2), trend("time", 9, 1, 8, 90, 40, 60)
    none, some = (Metric(type="counter", contains="default", values={"count": n, "rate": n / 10}) for n in (0, 7))
    assert metric_lines({"http_req_tls_handshaking": quick, "dropped_iterations": none}, 100) == []
    assert metric_lines({"http_req_tls_handshaking": slow, "dropped_iterations": some}, 120) == [
        "HTTP",
        "http_req_tls_handshaking...........: avg=9ms min=1ms med=8ms max=90ms p(90)=40ms p(95)=60ms",
        "",
        "EXECUTION",
        "dropped_iterations.................: 7 0.7/s",
    ]


def test_websocket_metrics_come_last_under_their_own_title():
    sessions = Metric(type="counter", contains="default", values={"count": 2, "rate": 0.5})
    sent = Metric(type="counter", contains="data", values={"count": 497, "rate": 1617})
    assert metric_lines({"ws_sessions": sessions, "data_sent": sent}, 100)[-2:] == [
        "WEBSOCKET",
        "ws_sessions........................: 2     0.5/s",
    ]
