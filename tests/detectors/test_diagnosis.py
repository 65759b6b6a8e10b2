"""Cries, blame, capacity, verdict and the way back, on runs made by hand."""

from typing import Any

import msgspec
import pytest
from builder import Query, RunBuilder, answers, histogram

from nineam.diagnose.blame import blame, by_layer
from nineam.diagnose.capacity import after, capacity, generator, people
from nineam.diagnose.cries import cries
from nineam.diagnose.diagnosis import diagnose
from nineam.diagnose.picture import Picture
from nineam.model import GeneratorStats, Interval

X = "GET /x/{id}"


def climbing(run: RunBuilder, **last: float) -> RunBuilder:
    """Localhost, a stair that held, and one that broke with `last` as its layers."""
    run.localhost().endpoint(X, {"view": 5.0, "db_execute": 5.0}).clients(answers("GET /x/7", 40, 10.0))
    run.monday(1, 20).endpoint(X, {"view": 6.0, "db_execute": 8.0}).clients(answers("GET /x/7", 80, 14.0))
    layers = last or {"view": 6.0, "db_execute": 20.0, "pool_wait": 574.0}
    for second, part in enumerate((0.02, 1.0)):
        grown = {layer: ms * (part if layer == "pool_wait" else 1) for layer, ms in layers.items()}
        run.monday(2 + second, 30, held=False).endpoint(X, grown)
        run.clients(answers("GET /x/7", 120, sum(grown.values()) + 505))
    return run


def crying(picture):
    return [cry.layer for cry in cries(picture, people(picture))]


# --- cries ---


def test_the_layer_that_grows_at_the_lower_load_cries_first(new_run):
    run = new_run().localhost().endpoint(X, {"view": 5.0, "pool_wait": 0.0, "loop_lag": 0.0})
    run.monday(1, 20).endpoint(X, {"view": 5.0, "pool_wait": 60.0, "loop_lag": 1.0})
    run.monday(2, 30).endpoint(X, {"view": 5.0, "pool_wait": 300.0, "loop_lag": 90.0})
    first, second = cries(picture := run.picture(), people(picture))
    assert (first.layer, first.order, first.at_rate, first.endpoint) == ("pool_wait", 1, 20, X)
    assert (second.layer, second.order, second.at_rate) == ("loop_lag", 2, 30)
    assert first.at_s < second.at_s
    assert "0.0 -> 60 ms" in first.sentence


def test_growth_below_a_twentieth_of_the_objective_is_no_cry(new_run):
    run = new_run().localhost().endpoint(X, {"view": 5.0})
    assert crying(run.monday(1, 20).endpoint(X, {"view": 29.0}).picture()) == []


def test_growth_below_a_tenth_of_a_slow_endpoint_is_no_cry(new_run):
    run = new_run().localhost().endpoint(X, {"view": 1000.0})
    assert crying(run.monday(1, 20).endpoint(X, {"view": 1090.0}).picture()) == []


def test_a_disturbance_that_passes_is_no_cry(new_run):
    run = new_run().localhost().endpoint(X, {"view": 5.0})
    run.monday(1, 20).endpoint(X, {"view": 400.0}).monday(2, 30).endpoint(X, {"view": 6.0})
    assert crying(run.picture()) == []


def test_a_failing_health_check_and_failing_requests_cry(new_run):
    run = new_run().localhost().endpoint(X, {"view": 5.0}).monday(1, 20, held=False)
    run.clients(answers("GET /x/7", 100, failed=30), health=answers("GET /health", 20, failed=5))
    assert set(crying(run.picture())) == {"health", "errors"}


def test_an_exempt_endpoint_does_not_cry_when_it_fails(new_run):
    run = new_run(exempt=["GET /x"]).localhost().monday(1, 20).clients(answers("GET /x", 100, failed=100))
    assert crying(run.picture()) == []


# --- blame ---


def test_blame_is_growth_and_its_shares_add_up(new_run):
    rows = blame(climbing(new_run()).picture())
    assert rows[0].layer == "pool_wait"
    assert sum(row.share for row in rows) == pytest.approx(1.0, abs=0.1)
    assert all(row.kind == "measured" and row.endpoint == X for row in rows)


def test_what_was_there_on_localhost_is_not_blamed(new_run):
    run = new_run().localhost().endpoint(X, {"view": 50.0, "db_execute": 5.0})
    run.monday(1, 20, held=False).endpoint(X, {"view": 50.0, "db_execute": 20.0})
    (row,) = blame(run.picture())
    assert (row.layer, row.ms, row.share) == ("db_execute", pytest.approx(15.0), pytest.approx(1.0))


def test_blame_weighs_by_how_many_suffer(new_run):
    run = new_run().localhost().endpoint("GET /rare", {"view": 1.0}).endpoint("GET /often", {"orm": 1.0})
    run.monday(1, 20, held=False)
    run.endpoint("GET /rare", {"view": 101.0}, requests=2).endpoint("GET /often", {"orm": 21.0}, requests=200)
    picture = run.picture()
    assert [row.endpoint for row in blame(picture)] == ["GET /often", "GET /rare"]
    assert by_layer(picture) == pytest.approx({"orm": 4000 / 4200, "view": 200 / 4200})


def test_a_run_without_monday_blames_nobody(new_run):
    picture = new_run().localhost().endpoint(X, {"view": 5.0}).picture()
    assert (blame(picture), by_layer(picture)) == ((), {})


# --- capacity ---


def test_capacity_lies_between_the_last_stair_that_held_and_the_first_that_did_not(new_run):
    limits = capacity(climbing(new_run()).picture())
    assert (limits.rate.low, limits.rate.high) == (20, 30)
    assert limits.kind == "measured"
    assert limits.limited_by == "waiting for a database connection"
    assert (limits.users.low, limits.users.high) == (20, 30)


def test_people_follow_little_s_law_from_a_click_a_second(new_run):
    run = new_run(click_s=1.0).localhost().clients(answers("GET /x", 40, 500.0)).monday(1, 20)
    assert list(people(run.picture()).values()) == [30]


def test_a_run_that_never_broke_knows_only_the_lower_end(new_run):
    run = new_run().localhost().monday(1, 20).monday(2, 30)
    limits = capacity(run.picture())
    assert (limits.rate.low, limits.rate.high, limits.kind, limits.limited_by) == (30, None, "estimate", "")


def test_a_run_that_broke_at_once_knows_only_the_upper_end(new_run):
    limits = capacity(new_run().localhost().monday(1, 20, held=False).picture())
    assert (limits.rate.low, limits.rate.high) == (0, 20)


def test_a_disturbance_below_a_stair_that_held_is_not_the_limit(new_run):
    run = (
        new_run()
        .localhost()
        .monday(1, 20, held=False)
        .monday(2, 20)
        .monday(3, 30, held=False)
        .monday(4, 30, held=False)
    )
    limits = capacity(run.picture())
    assert (limits.rate.low, limits.rate.high) == (20, 30)


# --- the generator ---


def doubtful(new_run, **stats):
    fields: dict[str, Any] = {"requests": 100, "cpu_s": 1.0, "wall_s": 4.0, "slip": histogram(0.2, times=100)}
    run = new_run().localhost().monday(1, 20)
    return run.clients(answers("GET /x", 100, 30.0), generator=GeneratorStats(**(fields | stats)))


def test_a_generator_that_kept_up_is_believed(new_run):
    believed = generator(doubtful(new_run).picture())
    assert (believed.trustworthy, believed.reason) == (True, "")
    assert believed.cpu_share == pytest.approx(0.25)
    assert believed.cpu_us_per_request == pytest.approx(10_000)


@pytest.mark.parametrize(
    ("stats", "says"),
    [({"cpu_s": 3.8}, "95% of its core"), ({"slip": histogram(150.0, times=100)}, "150 ms late")],
    ids=["busy", "late"],
)
def test_a_generator_at_its_limit_is_not_believed_and_nothing_is_proven(new_run, stats, says):
    run = doubtful(new_run, **stats)
    diagnosis = diagnose(run.read())
    assert says in diagnosis.generator.reason
    assert diagnosis.verdict.status == "not-proven"
    assert diagnosis.verdict.sentence.startswith("NOT PROVEN: the generator")


def test_a_stair_that_held_although_requests_were_sent_a_little_late_held(new_run):
    assert generator(doubtful(new_run, slip=histogram(50.0, times=100)).picture()).trustworthy


def test_a_stair_that_broke_while_requests_were_sent_late_may_be_the_generator_s_fault(new_run):
    run = new_run().localhost().monday(1, 20, held=False)
    run.clients(answers("GET /x", 100, 60.0), generator=GeneratorStats(slip=histogram(50.0, times=100)))
    assert not generator(run.picture()).trustworthy


def test_a_stair_that_broke_while_a_journey_held_the_generator_says_nothing_of_the_application(new_run):
    held = GeneratorStats(requests=100, loop_lag_ms=3200.0)
    run = new_run().localhost().monday(1, 20, held=False).clients(answers("GET /x", 100, 3000.0), generator=held)
    assert generator(run.picture()).reason.startswith("something held the generator for 3.2 s")
    run = new_run().localhost().monday(1, 20, held=True).clients(answers("GET /x", 100, 30.0), generator=held)
    assert generator(run.picture()).trustworthy


@pytest.mark.parametrize(("stolen", "held", "believed"), [(0.3, False, False), (0.05, False, True), (0.3, True, True)])
def test_a_stair_that_broke_while_the_hypervisor_served_others_is_not_believed(new_run, stolen, held, believed):
    run = new_run().localhost().monday(1, 20, held=held).clients(answers("GET /x", 100, 30.0))
    for second in (1.2, 1.5, 1.9):
        run.gauge(second, system_steal_s=stolen * second)
    said = generator(run.picture())
    assert said.trustworthy is believed
    assert believed or said.reason.startswith("other virtual machines took 30% of a processor")


def test_a_generator_without_ports_left_is_not_believed(new_run):
    failing = msgspec.structs.replace(answers("GET /x", 100, 3.0), failed=7, errors={"no local port left": 7})
    run = new_run().localhost().monday(1, 20, held=False).clients(failing, generator=GeneratorStats(ports=0.99))
    assert (
        generator(run.picture()).reason
        == "the generator ran out of local ports for 7 requests (99% in use) at 20 requests/s"
    )


# --- the way back ---


def returning(new_run, *ticks, failed=0):
    run = new_run().localhost().clients(answers("GET /x", 40, 10.0)).monday(1, 20, held=False)
    run.phase("after", users=1, held=True)
    for ms in ticks:
        run.clients(answers("GET /x", 5, ms, failed=failed))
    return after(run.picture())


def test_an_application_that_serves_as_on_localhost_has_recovered_at_once(new_run):
    assert returning(new_run, 10.0, 11.0, 12.0, 10.0) == returning(new_run, 10.0, 10.0, 10.0)
    assert (returning(new_run, 10.0, 10.0, 10.0).recovered, returning(new_run, 10.0, 10.0, 10.0).seconds) == (True, 0.0)


def test_one_that_takes_a_while_says_how_long(new_run):
    back = returning(new_run, 400.0, 400.0, 10.0, 10.0, 10.0)
    assert (back.recovered, back.seconds) == (True, 1.0)


def test_one_that_stays_slow_has_not_recovered(new_run):
    assert returning(new_run, 400.0, 400.0, 400.0, 400.0).recovered is False


def test_one_that_answers_quickly_but_wrongly_has_not_recovered(new_run):
    assert returning(new_run, 10.0, 10.0, 10.0, 10.0, failed=2).recovered is False


def test_a_single_good_moment_is_not_a_recovery(new_run):
    assert returning(new_run, 400.0, 10.0, 400.0, 400.0).recovered is False


def pausing(new_run, *ticks):
    """A way back of ticks of half a second: milliseconds of the answers, None for none; and how many had none yet."""
    run = new_run().localhost().clients(answers("GET /x", 40, 10.0)).monday(1, 20, held=False)
    run.phase("after", users=1, held=True)
    for ms, waiting in ticks:
        generator = GeneratorStats(wall_s=0.5, in_flight=waiting)
        run.clients(*([] if ms is None else [answers("GET /x", 1, ms)]), generator=generator)
    return after(run.picture())


def test_a_user_who_thinks_is_no_sign_of_sickness(new_run):
    thinking = [(None, 0)] * 3
    back = pausing(new_run, (10.0, 0), *thinking, (10.0, 0), *thinking, (10.0, 1), *thinking)
    assert (back.recovered, back.seconds) == (True, 0.0)


def test_a_user_with_nothing_left_to_do_cannot_tell(new_run):
    assert pausing(new_run, *[(None, 0)] * 8).recovered is None


def test_silence_is_sickness_while_a_request_waits_longer_than_on_localhost(new_run):
    assert pausing(new_run, (10.0, 1), *[(None, 1)] * 6).recovered is False
    assert pausing(new_run, *[(None, 1)] * 6).recovered is False


def test_a_request_that_was_only_just_sent_is_not_waiting(new_run):
    assert pausing(new_run, (10.0, 0), (None, 1), (10.0, 0), (None, 1), (10.0, 0), (None, 0)).recovered is True


def test_a_run_without_a_way_back_cannot_tell(new_run):
    back = after(new_run().localhost().monday(1, 20).picture())
    assert (back.recovered, back.seconds) == (None, None)


# --- what was sent, and by whom ---


def test_the_load_of_journeys_is_what_was_sent_not_what_cut_off_iterations_make_of_it(new_run):
    begun = GeneratorStats(slip=histogram(0.1, times=20), wall_s=4.0)
    run = new_run(unit="journeys", goal_limit=5).localhost().clients(answers("GET /x", 40, 10.0))
    found = diagnose(run.monday(1, 5).clients(answers("GET /x", 48, 12.0), generator=begun).read())
    assert found.capacity.rate.low == found.stairs[0].rate == found.monday.rate == 12.0
    assert found.verdict.sentence.startswith("READY FOR 5 iterations/s (12 requests/s, about ")


def test_journeys_that_broke_it_would_have_sent_what_the_others_did(new_run):
    begun = GeneratorStats(slip=histogram(0.1, times=10), wall_s=4.0)
    run = new_run(unit="journeys").localhost().clients(answers("GET /x", 40, 10.0))
    run.monday(1, 5).clients(answers("GET /x", 60, 12.0), generator=begun)
    run.monday(2, 10, held=False).clients(answers("GET /x", 30, 900.0), generator=begun)
    assert capacity(run.picture()).rate == Interval(low=15.0, high=30.0)


def cut_short(new_run, **meta):
    run = new_run(interrupted=True, **meta).localhost().clients(answers("GET /x", 40, 10.0))
    run.phase("monday", stair=1, users=20, held=None)
    for active in (2, 4):
        run.clients(answers("GET /x", 10, 12.0), vus=active)
    return run


def test_a_stair_that_was_cut_short_is_shown_and_neither_held_nor_broke(new_run):
    found = diagnose(cut_short(new_run).read())
    assert [(stair.held, stair.achieved_rate) for stair in found.stairs] == [(None, 20.0)]
    assert found.monday.endpoints["GET /x"].requests == 20
    assert found.verdict.sentence == "NOT PROVEN: interrupted with 4 users active."
    assert found.capacity.rate.low == 0


def test_a_stair_that_was_cut_short_before_anything_was_answered_is_none(new_run):
    run = new_run(interrupted=True).localhost().clients(answers("GET /x", 40, 10.0))
    assert diagnose(run.phase("monday", stair=1, users=20, held=None).read()).stairs == ()


def test_a_plan_had_as_many_users_as_came(new_run):
    assert diagnose(cut_short(new_run, plan="ramping-vus up to 20 users").read()).monday.users == 4


# --- the verdict ---


def verdict(run):
    return diagnose(run.read()).verdict


def test_a_run_cut_short_before_monday_proves_nothing(new_run):
    assert verdict(new_run().localhost().endpoint(X, {"view": 5.0})).status == "not-proven"


def test_an_empty_run_is_diagnosed_without_a_crash(new_run):
    diagnosis = diagnose(new_run().read())
    assert diagnosis.verdict.status == "not-proven"
    assert (diagnosis.findings, diagnosis.blame, diagnosis.cried_first, diagnosis.stairs) == ((), (), (), ())


def test_a_goal_that_was_reached_is_ready_for_it(new_run):
    run = new_run(goal_limit=30).localhost().clients(answers("GET /x", 40, 10.0))
    run.monday(1, 20).clients(answers("GET /x", 80, 12.0)).monday(2, 30).clients(answers("GET /x", 120, 12.0))
    said = verdict(run)
    assert said.status == "ready"
    assert said.sentence.startswith("READY FOR 30 requests/s")
    assert "p(95) < 500 ms" in said.sentence


def test_readiness_says_how_much_was_behind_a_login(new_run):
    run = new_run(goal_limit=30, refused=12).localhost().clients(answers("GET /x", 40, 10.0))
    run.monday(1, 30).clients(answers("GET /x", 80, 12.0))
    assert verdict(run).sentence.endswith("; 12 pages behind a login not counted.")


def test_debug_mode_is_said_first_and_is_no_reason_to_break(new_run):
    query = (Query(runs=20, distinct=20, site="", ms=1.0),)
    run = new_run(goal_limit=30, target={"framework": "django", "debug": "on"})
    run.localhost().endpoint(X, {"db_execute": 20.0}, queries=query).clients(answers("GET /x/7", 40, 20.0))
    run.monday(1, 30, held=False).endpoint(X, {"db_execute": 90.0}, queries=query)
    found = diagnose(run.clients(answers("GET /x/7", 80, 900.0)).read())
    assert [finding.code for finding in found.findings] == ["debug-mode", "n-plus-one"]
    assert found.verdict.sentence.endswith(f": n-plus-one in {X}.")


def test_readiness_in_debug_mode_says_so(new_run):
    run = new_run(goal_limit=30, target={"framework": "flask", "debug": "on"})
    run.localhost().clients(answers("GET /x", 40, 10.0)).monday(1, 30).clients(answers("GET /x", 80, 12.0))
    assert verdict(run).sentence.endswith("; measured in debug mode.")


def test_a_goal_that_was_missed_is_not_ready_and_names_the_cause(new_run):
    run = new_run(goal_limit=30)
    lazy = (Query(runs=20, distinct=20, relation="X.parts", site="app/views.py:12:parts"),)
    run.localhost().endpoint(X, {"view": 5.0, "db_execute": 15.0}, queries=lazy).clients(answers("GET /x/7", 40, 20.0))
    run.monday(1, 20).endpoint(X, {"view": 5.0, "db_execute": 30.0}, queries=lazy).clients(
        answers("GET /x/7", 80, 35.0)
    )
    run.monday(2, 30, held=False).endpoint(X, {"view": 5.0, "db_execute": 900.0}, queries=lazy)
    run.clients(answers("GET /x/7", 120, 905.0))
    said = verdict(run)
    assert said.status == "not-ready"
    assert "it breaks between 20 and 30 requests/s" in said.sentence
    assert f"n-plus-one in {X} at app/views.py:12" in said.sentence


def test_an_application_that_does_not_come_back_is_not_ready(new_run):
    run = new_run().localhost().clients(answers("GET /x", 40, 10.0)).monday(1, 20).clients(answers("GET /x", 80, 12.0))
    run.phase("after", users=1)
    for _ in range(4):
        run.clients(answers("GET /x", 5, 900.0))
    said = verdict(run)
    assert said.status == "not-ready"
    assert "does not come back" in said.sentence


def test_one_that_fails_with_one_polite_user_is_not_ready_for_anybody(new_run):
    run = (
        new_run()
        .localhost()
        .clients(answers("GET /x", 40, 10.0, failed=20))
        .monday(1, 20)
        .clients(answers("GET /x", 80))
    )
    assert verdict(run).status == "not-ready"


# --- the picture ---


def test_clients_and_the_agent_meet_under_the_route_template(new_run):
    picture: Picture = climbing(new_run()).picture()
    assert set(picture.endpoints(picture.localhost)) == {X}
    result = diagnose(picture.run).localhost.endpoints[X]
    assert result.requests == 40
    assert result.server_mean_ms == pytest.approx(10.0)
    assert sum(result.layers_ms.values()) == pytest.approx(result.server_mean_ms)


def test_a_literal_route_wins_over_a_template_that_also_fits(new_run):
    run = new_run().localhost().endpoint("GET /x/new", {"view": 1.0}).endpoint(X, {"view": 1.0})
    assert run.picture().template("GET /x/new") == "GET /x/new"


def test_a_parameter_that_spans_segments_is_recognised(new_run):
    run = new_run().localhost().endpoint("GET /files/{path:path}", {"view": 1.0})
    assert run.picture().template("GET /files/css/site.css") == "GET /files/{path:path}"


def test_the_causes_are_asked_of_the_second_try_of_the_load_that_broke(new_run):
    picture = climbing(new_run()).picture()
    assert picture.failing is picture.stairs[-1]
    assert picture.broke


def test_the_suspect_is_answered_with_its_real_cost(new_run):
    answer = diagnose(climbing(new_run()).read(), "db_execute").suspect
    assert answer is not None
    assert "20.0 of 600 ms" in answer.sentence
    assert "waiting for a database connection" in answer.sentence


def test_a_suspect_nobody_measured_is_not_made_up(new_run):
    answer = diagnose(climbing(new_run()).read(), "kafka").suspect
    assert answer is not None
    assert answer.sentence.startswith("nothing measured goes by that name")


def test_the_story_is_at_most_five_lines_and_begins_with_the_first_cry(new_run):
    lines = diagnose(climbing(new_run()).read()).story
    assert 0 < len(lines) <= 5
    assert lines[0].startswith("First to cry")
