"""Calls to other services that may take for ever."""

from builder import Spot

from nineam.diagnose.detectors import no_timeout

SITE = "app/payments.py:30:charge"
CALL = "http_client:POST pay.example:443"
UNLIMITED = "no_timeout:POST pay.example:443"


def charging(new_run, *spots, requests=40):
    run = new_run().source("endpoint", "POST /orders", "app/views.py:3:orders")
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint("POST /orders", {"view": 5.0, "http_client": 4.0}, requests=requests, spots=spots)
    return run


def test_calls_without_a_limit_fire_at_their_line_however_quick_they_are(new_run):
    run = charging(new_run, Spot(CALL, 4.0, SITE), Spot(UNLIMITED, 4.0, SITE))
    (finding,) = run.findings(no_timeout)
    assert (finding.code, finding.where, finding.function) == ("no-timeout", "app/payments.py:30", "charge")
    assert (finding.endpoint, finding.ms_per_request) == ("POST /orders", 4.0)
    assert finding.evidence == {"host": "pay.example:443", "calls": 80, "endpoints": 1}
    assert "pay.example:443" in finding.title


def test_a_line_that_several_endpoints_share_is_said_once(new_run):
    run = charging(new_run, Spot(UNLIMITED, 4.0, SITE))
    run.endpoint("GET /orders", {"http_client": 4.0}, requests=90, spots=(Spot(UNLIMITED, 4.0, SITE),))
    (finding,) = run.findings(no_timeout)
    assert (finding.endpoint, finding.evidence["endpoints"], finding.evidence["calls"]) == ("GET /orders", 2, 170)


def test_methods_of_one_line_and_host_are_one_and_lines_are_several(new_run):
    get = UNLIMITED.replace("POST", "GET")
    other = "app/payments.py:50:refund"
    run = charging(new_run, Spot(UNLIMITED, 4.0, SITE), Spot(get, 4.0, SITE), Spot(UNLIMITED, 4.0, other))
    assert {finding.function: finding.evidence["calls"] for finding in run.findings(no_timeout)} == {
        "charge": 160,
        "refund": 80,
    }


def test_calls_with_a_limit_do_not_fire_however_slow_they_are(new_run):
    assert charging(new_run, Spot(CALL, 400.0, SITE)).findings(no_timeout) == []


def test_a_single_call_does_not_fire(new_run):
    run = new_run().localhost().endpoint("GET /x", {"view": 5.0}, requests=1, spots=(Spot(UNLIMITED, 4.0, SITE),))
    assert run.findings(no_timeout) == []


def test_a_call_without_a_line_is_the_endpoint_s(new_run):
    (finding,) = charging(new_run, Spot(UNLIMITED, 4.0, "")).findings(no_timeout)
    assert (finding.where, finding.function) == ("app/views.py:3", "orders")
