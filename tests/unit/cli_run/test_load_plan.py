"""From the options of `run` to a goal or to scenarios, without running anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.cli.asked import Options, merged
from nineam.cli.load_plan import goal_of, scenarios_of, words_of
from nineam.cli.traffic import Traffic, methods_of
from nineam.config.settings import Settings
from nineam.errors import UsageError
from nineam.model import RampStage, Scenario
from nineam.monday.plan import Goal

NAMED = Traffic(plan={"journeys_file": "monday.py"}, names=("browse", "buy"), unit="journeys")


def options(**given):
    return Options(target="app:app", command=(), environ={}, **given)


def only(traffic=NAMED, **given):
    (scenario,) = scenarios_of(options(**given), traffic, "nineam.toml")
    return scenario


def stages(*pairs):
    return tuple(RampStage(duration_s=seconds, target=target) for seconds, target in pairs)


@pytest.mark.parametrize(
    ("given", "goal"),
    [
        ({}, Goal()),
        ({"users": 5}, Goal(kind="users", limit=5)),
        ({"rate": 2.5, "duration": "1m30s"}, Goal(kind="rate", limit=2.5, duration_s=90)),
    ],
)
def test_users_or_a_rate_alone_are_a_goal_to_climb_to(given, goal):
    assert goal_of(options(**given)) == goal
    assert scenarios_of(options(**given), NAMED, "") == ()


def test_stages_are_those_of_users_as_in_k6():
    scenario = only(stages=("30s:100", "1m:0"), users=3)
    assert (scenario.executor, scenario.start_vus, scenario.stages) == ("ramping-vus", 3, stages((30, 100), (60, 0)))


def test_stages_beside_a_rate_are_those_of_the_rate():
    scenario = only(stages=("10s:50",), rate=5.0)
    assert (scenario.executor, scenario.start_rate, scenario.stages) == ("ramping-arrival-rate", 5, stages((10, 50)))


def test_iterations_are_shared_by_the_users_for_as_long_as_the_duration():
    scenario = only(iterations=100, users=5, duration="20s")
    assert (scenario.executor, scenario.iterations, scenario.vus) == ("shared-iterations", 100, 5)
    assert scenario.max_duration_s == 20


def test_an_executor_takes_the_options_it_knows():
    scenario = only(executor="constant-arrival-rate", rate=20.0, duration="10s", users=50)
    assert (scenario.executor, scenario.rate, scenario.duration_s, scenario.max_vus) == (
        "constant-arrival-rate",
        20,
        10,
        50,
    )


def test_users_who_come_at_a_spawn_rate_are_a_ramp_and_a_plateau_within_the_duration():
    scenario = only(users=100, spawn_rate=10.0, duration="1m")
    assert (scenario.executor, scenario.stages) == ("ramping-vus", stages((10, 100), (50, 100)))


def test_a_spawn_rate_that_needs_longer_than_the_duration_gets_as_far_as_it_gets():
    assert only(users=100, spawn_rate=10.0, duration="4s").stages == stages((4, 40))


def test_scenarios_of_the_settings_have_their_names_and_what_they_run():
    tables = {"b": {"executor": "constant-vus", "duration": "5s", "exec": "buy"}}
    scenario = only(scenarios=tables)
    assert (scenario.name, scenario.exec, scenario.duration_s) == ("b", ("buy",), 5)


def test_journeys_may_bring_their_load_along_and_the_command_line_goes_before_it():
    own = (Scenario(name="browse", executor="constant-vus", duration_s=3, exec=("browse",)),)
    traffic = Traffic(plan=NAMED.plan, names=NAMED.names, scenarios=own, unit="journeys")
    assert scenarios_of(options(), traffic, "") == own
    assert scenarios_of(options(users=3), traffic, "") == ()
    assert only(traffic, iterations=1).executor == "shared-iterations"


@pytest.mark.parametrize(
    ("traffic", "given", "think"),
    [
        (Traffic(), {"stages": ("1s:1",)}, 1.0),
        (Traffic(), {"stages": ("1s:1",), "think": 0.0}, 0.0),
        (Traffic(), {"iterations": 5}, 0.0),
        (Traffic(), {"executor": "constant-arrival-rate", "rate": 1.0, "duration": "1s"}, 0.0),
        (NAMED, {"stages": ("1s:1",)}, 0.0),
        (NAMED, {"stages": ("1s:1",), "think": 0.5}, 0.5),
    ],
)
def test_users_of_traffic_that_nobody_wrote_think_between_clicks(traffic, given, think):
    assert only(traffic, **given).think_s == think


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stages": ("1s:1", "1s")}, ("--stage '1s'", "TIME:TARGET")),
        ({"stages": ("x:1",)}, ("--stage 'x:1'", "no")),
        ({"stages": ("1s:-1",)}, ("--stage '1s:-1'", "TIME:TARGET")),
        ({"stages": ("1s:1",), "iterations": 3}, ("--stage and --iterations exclude each other",)),
        ({"stages": ("1s:1",), "duration": "3s"}, ("--duration", "--stage says how long")),
        ({"iterations": 3, "rate": 3.0}, ("--iterations and --rate exclude each other",)),
        ({"spawn_rate": 3.0, "users": 3}, ("--spawn-rate needs --users and --duration",)),
        ({"executor": "constnt-vus", "duration": "1s"}, ("constnt-vus",)),
        ({"executor": "constant-arrival-rate", "rate": 3.0}, ("duration",)),
        ({"executor": "replay"}, ("nothing to replay",)),
        ({"access_log": "x.log", "users": 3}, ("--users", "--access-log says itself")),
        ({"scenarios": {"a": {"executor": "constant-vus"}}, "users": 3}, ("--users", "[scenarios] says")),
        ({"scenarios": {"a": {"executor": "constant-vus"}}}, ("[scenarios.a]", "duration")),
        (
            {"scenarios": {"a": {"executor": "constant-vus", "duration": "1s", "exec": "brows"}}},
            ("[scenarios.a]", "exec 'brows'", "did you mean browse?"),
        ),
    ],
)
def test_a_plan_that_is_none_is_refused(given, words):
    with pytest.raises(UsageError) as caught:
        scenarios_of(options(**given), NAMED, "nineam.toml")
    said = " ".join((caught.value.message, caught.value.hint, *caught.value.details))
    assert all(word in said for word in words), said
    assert caught.value.hint


@given(st.text(max_size=12))
def test_any_stage_is_either_understood_or_refused(text):
    try:
        scenario = only(stages=(text,))
    except UsageError:
        return
    assert len(scenario.stages) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stages": ("1s:5",)}, "ramping-vus up to 5 users"),
        ({"stages": ("1s:5",), "rate": 1.0}, "ramping-arrival-rate up to 5/s"),
        ({"iterations": 7}, "shared-iterations of 7 by 1 user"),
        (
            {"executor": "per-vu-iterations", "iterations": 10, "users": 4},
            "per-vu-iterations of 10 each by 4 users",
        ),
        ({"executor": "poisson-arrival-rate", "rate": 2.0, "duration": "1s"}, "poisson-arrival-rate at 2/s"),
        ({"executor": "constant-vus", "users": 4, "duration": "1s"}, "constant-vus with 4 users"),
    ],
)
def test_a_plan_is_said_in_a_few_words(given, words):
    assert words_of((only(**given),)) == words


def test_several_scenarios_are_said_by_name():
    each = Scenario(name="a", executor="constant-vus", vus=2)
    other = Scenario(name="b", executor="constant-arrival-rate", rate=3)
    assert words_of((each, other)) == "constant-vus with 2 users (a) and constant-arrival-rate at 3/s (b)"


@pytest.mark.parametrize(
    ("text", "methods"),
    [("", {"get"}), ("get,post", {"get", "post"}), ("POST", {"post"}), (" put , get", {"put", "get"})],
)
def test_methods_are_names_joined_by_commas(text, methods):
    assert methods_of(text) == methods


def test_all_methods_are_every_one():
    assert methods_of("all") > {"get", "post", "delete"}


# --- the settings ---


def test_the_command_line_goes_before_the_settings():
    settings = Settings(users=5, duration="9s", slo="p(99)<100", think=2.0, http2=True, timeout=4.0)
    result = merged(options(think=0.0, slo="p(95)<5"), settings)
    assert (result.users, result.duration, result.slo, result.think) == (5, "9s", "p(95)<5", 0.0)
    assert (result.http2, result.timeout) == (True, 4.0)


@pytest.mark.parametrize(
    ("given", "duration"),
    [({"users": 2}, "9s"), ({"stages": ("1s:1",)}, ""), ({"iterations": 2}, "")],
)
def test_a_load_on_the_command_line_replaces_the_one_in_the_settings(given, duration):
    settings = Settings(rate=5.0, duration="9s", scenarios={"a": {"executor": "constant-vus"}}, executor="sessions")
    result = merged(options(**given), settings)
    assert (result.rate, result.scenarios, result.executor, result.duration) == (None, {}, "", duration)


def test_a_source_on_the_command_line_replaces_the_one_in_the_settings():
    result = merged(options(har="x.har"), Settings(openapi="x.json", methods="all", journeys="monday.py"))
    assert (result.har, result.openapi, result.methods, result.journeys) == ("x.har", "", "", "")


@pytest.mark.parametrize("name", ["users", "rate", "iterations", "processes", "timeout", "speed"])
def test_a_number_in_the_settings_has_to_make_sense(name):
    with pytest.raises(UsageError, match="expected more than 0"):
        merged(options(), Settings(**{name: 0}))


def test_clones_are_settled_in_the_settings_and_a_size_on_the_command_line_replaces_theirs():
    settings = Settings(grown=True, rows=500_000, keep=["countries"], depth=0.2, fill=100)
    found = merged(options(), settings)
    assert (found.grown, found.rows, found.keep, found.depth, found.fill) == (True, 500_000, ("countries",), 0.2, 100)
    smaller = merged(options(times=3, depth=0.0), settings)
    assert (smaller.rows, smaller.times, smaller.depth, smaller.keep) == ("", 3, 0.0, ("countries",))
