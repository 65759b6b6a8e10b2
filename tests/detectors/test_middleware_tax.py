"""A middleware that takes a cut of every request."""

from nineam.diagnose.detectors import middleware_tax

SITE = "app/middleware.py:7:RequestLog.dispatch"


def run_with(new_run, **endpoints):
    """Endpoints by name: milliseconds of the middleware RequestLog and of the view."""
    run = new_run().source("layer", "middleware:RequestLog", SITE)
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin()
        for name, (middleware, view) in endpoints.items():
            run.endpoint(f"GET /{name}", {"middleware:RequestLog": middleware, "view": view})
    return run.findings(middleware_tax)


def test_a_tax_on_every_endpoint_is_one_finding_at_its_line(new_run):
    (finding,) = run_with(new_run, small=(2.0, 3.0), large=(2.5, 20.0))
    assert finding.code == "middleware-tax"
    assert (finding.where, finding.function) == ("app/middleware.py:7", "RequestLog.dispatch")
    assert finding.endpoint == "GET /large"
    assert finding.title.startswith("RequestLog takes 2.5 of 22.5 ms")
    assert finding.evidence["endpoints"] == {"GET /large": 2.5, "GET /small": 2.0}


def test_two_middlewares_are_two_findings(new_run):
    run = new_run()
    layers = {"middleware:A": 3.0, "middleware:B": 2.0, "view": 5.0}
    run.localhost().endpoint("GET /x", layers)
    run.monday(1, 10, held=False).endpoint("GET /x", layers)
    assert {finding.title.split()[0] for finding in run.findings(middleware_tax)} == {"A", "B"}


def test_a_light_middleware_does_not_fire(new_run):
    assert run_with(new_run, small=(0.4, 1.0), large=(0.4, 20.0)) == []


def test_a_small_share_of_a_slow_endpoint_does_not_fire(new_run):
    assert run_with(new_run, report=(2.0, 98.0)) == []


def test_a_middleware_that_grows_only_under_load_does_not_fire(new_run):
    run = new_run().localhost().endpoint("GET /x", {"middleware:A": 0.2, "view": 10.0})
    run.monday(1, 10, held=False).endpoint("GET /x", {"middleware:A": 40.0, "view": 10.0})
    assert run.findings(middleware_tax) == []


def test_the_framework_is_no_middleware(new_run):
    run = new_run().localhost().endpoint("GET /x", {"framework": 10.0, "view": 1.0})
    assert run.monday(1, 10, held=False).endpoint("GET /x", {"framework": 10.0}).findings(middleware_tax) == []


def test_a_middleware_that_nobody_reached_under_load_costs_what_it_did_before(new_run):
    run = new_run()
    run.localhost().endpoint("GET /x", {"middleware:A": 3.0, "view": 5.0})
    (finding,) = run.monday(1, 10, held=False).endpoint("GET (no route)", {"framework": 1.0}).findings(middleware_tax)
    assert finding.ms_per_request == 3.0
    assert "ASGI" not in finding.fix
