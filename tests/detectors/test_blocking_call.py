"""A synchronous call that holds the event loop."""

import pytest

from nineam.diagnose.detectors import blocking_call

SITE = "app/auth.py:20:login"
LOGIN = "POST /login"


def run_with(new_run, *looks, alone_ms=60.0, layer="view", alone=True, call="scrypt (hashing.py:4)", **said):
    """Looks are milliseconds and a site, and what differs from the others."""
    run = new_run().localhost().endpoint("GET /x", {"view": 2.0})
    run.endpoint(LOGIN, {layer: alone_ms}, longest_ms=alone_ms)
    seen = [{"layer": layer, "call": call, **said, **(more[0] if more else {})} for _, _, *more in looks]
    for (ms, site, *_), each in zip(looks, seen, strict=True) if alone else ():
        run.held(ms, endpoint=LOGIN, site=site, **each)
    run.monday(1, 10, held=False)
    run.endpoint(LOGIN, {layer: alone_ms, "loop_lag": 100.0})
    run.endpoint("GET /x", {"view": 2.0, "loop_lag": 150.0, "server_wait": 50.0})
    for (ms, site, *_), each in zip(looks, seen, strict=True) if not alone else ():
        run.held(ms, endpoint=LOGIN, site=site, **each)
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


TWICE = ((30.0, SITE), (31.0, SITE))
SLEEPS, SUMS = {"call": "check (auth.py:4)", "does": "waits"}, {"call": "add_up (sums.py:7)", "does": "computes"}


def test_what_waits_is_named_as_the_call_that_blocks(new_run):
    (finding,) = run_with(new_run, *TWICE, **SLEEPS).findings(blocking_call)
    assert finding.title == "check blocks the event loop for 60 ms"
    assert (finding.evidence["call"], finding.evidence["while_held"]) == ("check (auth.py:4)", "it waits")
    assert "in a thread" in finding.fix


def test_what_computes_is_not_said_to_block_and_no_thread_is_promised_to_help(new_run):
    (finding,) = run_with(new_run, *TWICE, **SUMS).findings(blocking_call)
    assert finding.title == "add_up computes on the event loop for 60 ms"
    assert "another process" in finding.fix


def test_a_password_hash_computes_and_a_thread_is_right_for_it(new_run):
    """It lets go of the interpreter, which looks like waiting where the kernel counts nothing."""
    (finding,) = run_with(new_run, *TWICE, layer="password_hash").findings(blocking_call)
    assert finding.title == "scrypt computes on the event loop for 60 ms"
    assert "run it in a thread" in finding.fix


@pytest.mark.parametrize("layer", ["db_execute", "db_fetch", "http_client", "cache", "lock_wait"])
def test_a_synchronous_driver_blocks_also_where_its_library_computes(new_run, layer):
    (finding,) = run_with(new_run, *TWICE, layer=layer, **SUMS).findings(blocking_call)
    assert finding.title == "add_up blocks the event loop for 60 ms"


def test_where_nobody_counts_it_is_not_said_which_of_them_it_is(new_run):
    (finding,) = run_with(new_run, *TWICE).findings(blocking_call)
    assert finding.title == "scrypt holds the event loop for 60 ms"
    assert finding.evidence["while_held"].startswith("cannot tell")


def test_what_was_seen_alone_counts_more_than_what_was_seen_under_load(new_run):
    """There a thread that computes waits for the interpreter, which looks like any other waiting."""
    run = run_with(new_run, (30.0, SITE, SUMS))
    for _ in range(5):
        run.held(30.0, endpoint=LOGIN, site=SITE, **SLEEPS)
    (finding,) = run.findings(blocking_call)
    assert finding.title == "add_up computes on the event loop for 60 ms"


def test_what_most_looks_say_is_told(new_run):
    looks = [(30.0, SITE, SUMS), (30.0, SITE, SLEEPS), (30.0, SITE, SLEEPS), (30.0, SITE)]
    (finding,) = run_with(new_run, *looks).findings(blocking_call)
    assert finding.title == "check blocks the event loop for 60 ms"


FORMATTER = "app/dates.py:3:to_json"


@pytest.mark.parametrize(("nobodys", "fires"), [(5, 0), (2, 0), (1, 1)], ids=["seldom", "as often", "mostly"])
def test_a_helper_that_a_library_calls_back_is_told_only_where_it_is_most_of_what_was_seen(new_run, nobodys, fires):
    """A date formatter is caught now and then in serialization: which takes the time, and is not its line's."""
    looks = [(30.0, FORMATTER)] * 2 + [(30.0, "")] * nobodys
    run = run_with(new_run, *looks, layer="serializer", call="to_json (dates.py:3)", does="computes")
    assert len(run.findings(blocking_call)) == fires


def test_looks_at_nobodys_line_in_another_layer_do_not_speak_against_a_line(new_run):
    looks = [(30.0, SITE)] * 2 + [(30.0, "", {"layer": "serializer"})] * 5
    assert len(run_with(new_run, *looks).findings(blocking_call)) == 1


@pytest.mark.parametrize(("had", "fires"), [(0.3, 0), (0.9, 1)], ids=["a busy machine", "in quiet"])
def test_milliseconds_that_other_programs_had_the_processor_do_not_count(new_run, had, fires):
    looks = [(30.0, SITE, {"had": had}), (30.0, SITE, {"had": had}), (30.0, SITE)]
    assert len(run_with(new_run, *looks, does="computes").findings(blocking_call)) == fires


def test_looks_at_those_who_lost_the_processor_do_not_outvote_the_others(new_run):
    """Of 44 ms that took 25 of computing: as it was seen, of a planted fault of 25 ms."""
    looks = [(30.0, SITE, {"had": had}) for had in (0.47, 0.49, 0.52, 0.53, 0.55, 0.65, 0.77)]
    assert len(run_with(new_run, *looks, does="computes", alone_ms=43.7).findings(blocking_call)) == 1
    assert run_with(new_run, *looks, does="computes", alone_ms=36.0).findings(blocking_call) == []


def test_a_short_line_at_the_end_of_a_long_stretch_does_not_fire(new_run):
    """Rows become objects, which is nobody's line, and the view adds them up before it awaits again."""
    run = new_run().localhost()
    run.endpoint(LOGIN, {"hydration": 40.0, "view": 8.0}, longest_ms=48.0)
    run.held(41.0, endpoint=LOGIN, site=SITE).held(42.0, endpoint=LOGIN, site=SITE)
    run.monday(1, 10, held=False).endpoint(LOGIN, {"hydration": 40.0, "view": 8.0})
    assert run.findings(blocking_call) == []
