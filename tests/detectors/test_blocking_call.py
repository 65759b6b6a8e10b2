"""A synchronous call that holds the event loop."""

import pytest

from nineam.diagnose.detectors import blocking_call

SITE = "app/auth.py:20:login"
LOGIN = "POST /login"


def run_with(new_run, *looks, alone_ms=60.0, layer="view", alone=True, call="scrypt (hashing.py:4)"):
    run = new_run().localhost().endpoint("GET /x", {"view": 2.0})
    run.endpoint(LOGIN, {"view": alone_ms}, longest_ms=alone_ms)
    for ms, site in looks if alone else ():
        run.held(ms, endpoint=LOGIN, site=site, layer=layer, call=call)
    run.monday(1, 10, held=False)
    run.endpoint(LOGIN, {"view": alone_ms, "loop_lag": 100.0})
    run.endpoint("GET /x", {"view": 2.0, "loop_lag": 150.0, "server_wait": 50.0})
    for ms, site in () if alone else looks:
        run.held(ms, endpoint=LOGIN, site=site, layer=layer, call=call)
    return run


def test_the_same_line_twice_fires_with_its_victims(new_run):
    (finding,) = run_with(new_run, (30.0, SITE), (31.0, SITE)).findings(blocking_call)
    assert (finding.code, finding.endpoint) == ("blocking-call", LOGIN)
    assert (finding.where, finding.function) == ("app/auth.py:20", "login")
    assert finding.statement == "time.sleep(1)"
    assert finding.title.startswith("scrypt holds the event loop for 60 ms")
    assert finding.evidence["others_wait_ms"] == {"GET /x": 200.0}
    assert finding.evidence["times_seen"] == 2


def test_two_lines_are_two_findings(new_run):
    other = "app/auth.py:44:login"
    looks = [(30.0, site) for site in (SITE, SITE, other, other)]
    assert len(run_with(new_run, *looks).findings(blocking_call)) == 2


def test_a_single_look_of_30_ms_does_not_fire(new_run):
    assert run_with(new_run, (30.0, SITE)).findings(blocking_call) == []


def test_a_short_hold_that_was_only_long_under_load_does_not_fire(new_run):
    assert run_with(new_run, (30.0, SITE), (30.0, SITE), alone_ms=3.0).findings(blocking_call) == []


def test_a_line_that_was_only_caught_under_load_does_not_fire(new_run):
    assert run_with(new_run, (30.0, SITE), (30.0, SITE), alone=False).findings(blocking_call) == []


def test_a_look_outside_the_application_s_code_does_not_fire(new_run):
    assert run_with(new_run, (30.0, ""), (30.0, "")).findings(blocking_call) == []


@pytest.mark.parametrize("layer", ["gc", "framework", "response", "unattributed", "pool_wait", "loop_lag"])
def test_what_is_not_the_application_s_is_no_blocking_call(new_run, layer):
    assert run_with(new_run, (30.0, SITE), (30.0, SITE), layer=layer).findings(blocking_call) == []


@pytest.mark.parametrize("layer", ["renderer", "signal:post_save", "middleware:Own", "lock_wait", "of tomorrow"])
def test_any_layer_in_which_its_lines_run_can_hold_the_loop(new_run, layer):
    """Layers are not listed by name: a new one is the application's own, unless the table says otherwise."""
    assert len(run_with(new_run, (30.0, SITE), (30.0, SITE), layer=layer).findings(blocking_call)) == 1


def test_what_happened_during_warm_up_does_not_count(new_run):
    run = new_run().phase("warmup", users=1)
    run.held(40.0, endpoint=LOGIN, site=SITE).held(40.0, endpoint=LOGIN, site=SITE)
    run.localhost().endpoint(LOGIN, {"view": 60.0}).monday(1, 10, held=False).endpoint(LOGIN, {"view": 60.0})
    assert run.findings(blocking_call) == []


@pytest.mark.parametrize("call", ["write (selector_events.py:1071)", "_run_once (asyncio/base_events.py:1909)"])
def test_the_loop_at_its_own_sockets_is_no_blocking_call(new_run, call):
    assert run_with(new_run, (30.0, SITE), (31.0, SITE), call=call).findings(blocking_call) == []
