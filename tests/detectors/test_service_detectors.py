"""What is said about other services: one call per row, a slow one, one that is asked again and again."""

import pytest
from builder import Spot

from nineam.diagnose.detectors import n_plus_one_http, retry_storm, slow_dependency

STOCK = "http_client:GET stock:8080"
SITE = "app/views.py:40:orders"


def calling(new_run, alone, busy=None):
    """A run of an endpoint that makes `alone` = (calls, ms) with one user and `busy` under load."""
    run = new_run()
    for begin, (calls, ms) in ((run.localhost, alone), (lambda: run.monday(1, 10, held=False), busy or alone)):
        begin().endpoint("GET /x", {"view": 5.0, "http_client": ms}, spots=(Spot(STOCK, ms, SITE, calls),))
    return run


def test_a_call_per_row_fires_at_its_line_with_its_target(new_run):
    (finding,) = calling(new_run, (12, 24.0)).findings(n_plus_one_http)
    assert (finding.code, finding.where, finding.function) == ("n-plus-one-http", "app/views.py:40", "orders")
    assert finding.evidence == {"calls_per_request": 12.0, "target": "GET stock:8080", "localhost_ms": 24.0}


@pytest.mark.parametrize("alone", [(3, 24.0), (12, 0.2)], ids=["few", "cheap"])
def test_a_few_or_cheap_calls_do_not_fire(new_run, alone):
    assert calling(new_run, alone).findings(n_plus_one_http) == []


def test_a_service_that_takes_most_of_the_time_fires(new_run):
    (finding,) = calling(new_run, (1, 80.0)).findings(slow_dependency)
    assert (finding.code, finding.where) == ("slow-dependency", "app/views.py:40")
    assert finding.evidence["target"] == "GET stock:8080"
    assert finding.share == pytest.approx(80 / 85)


def test_a_service_that_becomes_slow_under_load_fires_with_both_figures(new_run):
    (finding,) = calling(new_run, (1, 5.0), (1, 300.0)).findings(slow_dependency)
    assert (finding.evidence["localhost_ms"], finding.evidence["ms"]) == (5.0, 300.0)


def busy_calling(new_run, layers, *, cpu=0.3, waiting=0.1):
    """A service that takes 5 ms alone and 120 ms by the account of an application that has something else to do."""
    run = new_run().localhost().endpoint("GET /x", {"http_client": 5.0}, spots=(Spot(STOCK, 5.0, SITE),))
    run.monday(1, 90, held=False)
    run.endpoint("GET /x", {"http_client": 120.0, **layers}, spots=(Spot(STOCK, 120.0, SITE),))
    for second in range(1, 4):
        run.gauge(second, process=0, app_cpu_s=cpu * second)
        run.gauge(second, app_run_delay_s=waiting * second)
    return run.findings(slow_dependency)


@pytest.mark.parametrize(
    ("layers", "busy"),
    [
        ({"loop_lag": 400.0}, {}),
        ({"threadpool_wait": 300.0}, {"cpu": 0.95}),
        ({"loop_lag": 60.0}, {"cpu": 0.25, "waiting": 0.8}),
    ],
    ids=["a late loop", "a busy interpreter", "no processor to be had"],
)
def test_an_application_that_is_late_to_hear_the_answer_has_no_slow_service(new_run, layers, busy):
    assert busy_calling(new_run, layers, **busy) == []


@pytest.mark.parametrize("layers", [{"loop_lag": 40.0}, {"threadpool_wait": 900.0}], ids=["loop", "threads"])
def test_a_service_that_holds_up_an_application_with_time_to_spare_fires(new_run, layers):
    (finding,) = busy_calling(new_run, layers)
    assert finding.evidence["ms"] == 120.0


def test_what_the_answer_waits_for_the_loop_is_not_the_service_s(new_run):
    run = new_run().localhost().endpoint("GET /x", {"http_client": 5.0}, spots=(Spot(STOCK, 5.0, SITE),))
    run.monday(1, 90, held=False)
    run.endpoint("GET /x", {"http_client": 12.0, "loop_lag": 400.0}, spots=(Spot(STOCK, 430.0, SITE),))
    assert run.findings(slow_dependency) == []


def test_calls_at_the_same_time_cost_what_they_take_together(new_run):
    other = STOCK.replace("stock", "price")
    spots = (Spot(STOCK, 80.0, SITE), Spot(other, 20.0, SITE))
    run = new_run().localhost().endpoint("GET /x", {"http_client": 80.0}, spots=spots)
    (finding,) = run.findings(slow_dependency)
    assert finding.ms_per_request == pytest.approx(64.0)


def test_a_service_that_is_slow_alone_fires_however_busy_the_application_gets(new_run):
    run = new_run().localhost().endpoint("GET /x", {"http_client": 80.0}, spots=(Spot(STOCK, 80.0, SITE),))
    run.monday(1, 90, held=False).endpoint("GET /x", {"http_client": 90.0, "loop_lag": 900.0})
    assert len(run.findings(slow_dependency)) == 1


def test_a_service_that_is_quick_does_not_fire(new_run):
    assert calling(new_run, (1, 40.0)).findings(slow_dependency) == []


def test_a_slow_service_in_a_slower_endpoint_does_not_fire(new_run):
    run = new_run()
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint("GET /x", {"view": 100.0, "http_client": 60.0}, spots=(Spot(STOCK, 60.0, SITE),))
    assert run.findings(slow_dependency) == []


def test_more_calls_under_load_are_retries(new_run):
    (finding,) = calling(new_run, (1, 5.0), (3, 300.0)).findings(retry_storm)
    assert (finding.code, finding.where) == ("retry-storm", "app/views.py:40")
    assert finding.evidence == {"target": "GET stock:8080", "localhost_calls": 1.0, "monday_calls": 3.0}
    assert finding.ms_per_request == pytest.approx(200.0)


def test_as_many_calls_as_ever_are_no_retries(new_run):
    assert calling(new_run, (4, 20.0), (4, 300.0)).findings(retry_storm) == []
