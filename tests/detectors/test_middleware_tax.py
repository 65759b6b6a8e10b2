"""A middleware that takes a cut of every request."""

import pytest

from nineam.diagnose.detectors import middleware_tax
from nineam.diagnose.protecting import advice

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


def kept(new_run, *milliseconds, view=10.0, name="A"):
    """Requests of which each spent so long in a middleware, kept whole; the mean of them is what was added up."""
    layer, mean = f"middleware:{name}", sum(milliseconds) / len(milliseconds)
    run = new_run().localhost().endpoint("GET /x", {layer: mean, "view": view})
    run.whole("GET /x", *({layer: ms, "view": view} for ms in milliseconds))
    return run.monday(1, 10, held=False).endpoint("GET /x", {layer: mean, "view": view}).findings(middleware_tax)


@pytest.mark.parametrize(
    ("milliseconds", "fires"),
    [
        ([2.0] * 20, 1),
        ([1.9, 2.4, 1.2, 3.9, 2.2, 1.6, 2.8, 2.0, 9.0, 1.7], 1),
        ([0.2] * 18 + [30.0] * 2, 0),
        ([0.2, 0.4, 3.9, 0.2, 1.1, 0.6, 4.8, 0.2, 9.0, 1.7], 0),
        ([0.2] * 4 + [30.0], 0),
    ],
    ids=["a tax", "a tax on a busy machine", "two that lost the processor", "noise", "one of five"],
)
def test_a_tax_is_what_most_requests_surely_pay(new_run, milliseconds, fires):
    assert len(kept(new_run, *milliseconds)) == fires


def test_a_share_that_is_only_on_average_beyond_the_limit_does_not_fire(new_run):
    """Six percent, and nobody can be sure that it is five."""
    assert kept(new_run, *[1.02, 1.06, 1.1, 1.3, 1.1, 1.0, 1.6, 1.9, 1.2, 1.05], view=18.5) != []
    assert kept(new_run, *[1.02, 1.06, 1.1, 1.3, 1.1, 1.0, 1.6, 1.9, 1.2, 1.05], view=20.5) == []


@pytest.mark.parametrize(("had", "fires"), [(0.3, 0), (0.9, 1)], ids=["a busy machine", "in quiet"])
def test_of_few_requests_only_the_mean_is_known_without_what_others_had_the_processor_for(new_run, had, fires):
    run = new_run().localhost().endpoint("GET /x", {"middleware:A": 2.0, "view": 10.0})
    for at in (1, 4):
        run.gauge(at, app_cpu_s=had * at, app_run_delay_s=(1 - had) * at)
    assert len(run.monday(1, 10, held=False).findings(middleware_tax)) == fires


PROTECTING = {
    "may be exempt": ["CsrfViewMiddleware", "CSRFMiddleware", "XsrfGuard"],
    "sessions": ["SessionMiddleware", "redis_session_middleware"],
    "look users up": ["AuthenticationMiddleware", "JWTAuthMiddleware", "RemoteUserMiddleware", "OAuth2Token", "OTP"],
    "turns away": ["TrustedHostMiddleware", "HTTPSRedirectMiddleware", "RateLimitMiddleware", "SlowAPIMiddleware"],
    "cheaper": ["SecurityMiddleware", "CORSMiddleware", "CorsMiddleware", "XFrameOptionsMiddleware", "CSPMiddleware"],
}


@pytest.mark.parametrize(("said", "name"), [(said, name) for said, names in PROTECTING.items() for name in names])
def test_what_protects_is_never_advised_away_and_its_cost_is_told(new_run, said, name):
    (finding,) = kept(new_run, *[2.0] * 20, name=name)
    assert finding.title.startswith(f"{name} takes 2.0 of 12.0 ms")
    assert finding.fix.startswith("leave it in")
    assert said in finding.fix
    assert "take" not in finding.fix


@pytest.mark.parametrize(
    "name", ["RequestLog", "GZipMiddleware", "AuthorStats", "HostessLog", "Unlimited", "PolicymakerTax", "Tax", ""]
)
def test_what_does_not_protect_by_its_name_may_go(name):
    assert advice(name) == ""
