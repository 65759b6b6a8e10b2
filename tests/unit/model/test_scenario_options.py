import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.errors import UsageError
from nineam.model import RampStage, Scenario
from nineam.model.durations import seconds
from nineam.model.scenario import duration_of, highest_rate, mean_rate, most_vus
from nineam.model.scenario_options import NAMES, SHAPES, scenario_from

STAGES = [{"duration": "30s", "target": 20}, {"duration": 60, "target": 0}]


def made(**options):
    return scenario_from("browse", options, "here")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"executor": "shared-iterations", "vus": 3, "iterations": 100, "maxDuration": "2m", "think": 1},
            {"vus": 3, "iterations": 100, "max_duration_s": 120.0, "think_s": 1.0},
        ),
        ({"executor": "per-vu-iterations"}, {}),
        ({"executor": "constant-vus", "vus": 10.0, "duration": "1m30s"}, {"vus": 10, "duration_s": 90.0}),
        (
            {"executor": "ramping-vus", "startVUs": 0, "stages": STAGES, "gracefulRampDown": "0s"},
            {
                "start_vus": 0,
                "stages": (RampStage(duration_s=30, target=20), RampStage(duration_s=60, target=0)),
                "graceful_ramp_down_s": 0.0,
            },
        ),
        (
            {"executor": "constant-arrival-rate", "rate": 600, "timeUnit": "1m", "duration": 10, "preAllocatedVUs": 5},
            {"rate": 10.0, "duration_s": 10.0, "pre_allocated_vus": 5, "max_vus": 5},
        ),
        (
            {"executor": "ramping-arrival-rate", "startRate": 30, "timeUnit": "1m", "stages": STAGES, "maxVUs": 7},
            {
                "start_rate": 0.5,
                "stages": (RampStage(duration_s=30, target=20 / 60), RampStage(duration_s=60, target=0)),
                "max_vus": 7,
            },
        ),
        ({"executor": "poisson-arrival-rate", "rate": 1.5, "duration": 10}, {"rate": 1.5, "duration_s": 10.0}),
        ({"executor": "sessions", "rate": 2, "duration": "10s", "iterations": 3, "think": "500ms"},
         {"rate": 2.0, "duration_s": 10.0, "iterations": 3, "think_s": 0.5}),
        ({"executor": "replay", "speed": 2}, {"speed": 2.0}),
        (
            {"executor": "polite", "duration": 1, "startTime": "5s", "gracefulStop": 1, "exec": "a", "tags": {"b": 1}},
            {"duration_s": 1.0, "start_s": 5.0, "graceful_stop_s": 1.0, "exec": ("a",), "tags": (("b", "1"),)},
        ),
        ({"executor": "polite", "duration": 1, "exec": ["a", "b"]}, {"duration_s": 1.0, "exec": ("a", "b")}),
    ],
)  # fmt: skip
def test_options_become_a_scenario(options, expected):
    assert made(**options) == Scenario(name="browse", executor=options["executor"], **expected)


RATE = {"executor": "constant-arrival-rate"}
RAMP = {"executor": "ramping-vus"}
VUS = {"executor": "constant-vus", "duration": 1}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ["executor is missing", "constant-vus"]),
        ({"executor": "ramping-vu"}, ["no executor 'ramping-vu'", "Did you mean 'ramping-vus'?"]),
        ({"executor": "externally-controlled"}, ["no executor 'externally-controlled'", "constant-vus"]),
        ({"executor": 3}, ["no executor 3"]),
        ({"executor": ["polite"]}, ["no executor ['polite']"]),
        ({**VUS, "vu": 1}, ["no option 'vu'", "Did you mean 'vus'?"]),
        ({**VUS, "start_time": 1}, ["no option 'start_time'", "Did you mean 'startTime'?"]),
        ({**VUS, "xyz": 1}, ["no option 'xyz'", "startTime"]),
        ({**VUS, "rate": 1}, ["constant-vus has no option 'rate'", "it takes duration, vus", "constant-arrival-rate"]),
        ({**RATE, "rate": 5}, ["constant-arrival-rate needs duration, and was given rate", 'duration = "30s"']),
        ({**RATE, "duration": 5}, ["needs rate, and was given duration", "rate = 50"]),
        (RATE, ["needs rate and duration, and was given nothing else"]),
        (RAMP, ["ramping-vus needs stages", "target = 20"]),
        ({"executor": "sessions", "rate": 5}, ["sessions needs duration"]),
        ({"executor": "sessions", "rate": 5, "stages": STAGES}, ["either stages or rate and duration"]),
        ({**RATE, "rate": -5, "duration": 1}, ["here: rate is -5, expected a number above 0"]),
        ({**RATE, "rate": 0, "duration": 1}, ["rate is 0"]),
        ({**RATE, "rate": True, "duration": 1}, ["rate is True"]),
        ({**RATE, "rate": math.nan, "duration": 1}, ["rate is nan"]),
        ({**RATE, "rate": math.inf, "duration": 1}, ["rate is inf"]),
        ({**RATE, "rate": "5", "duration": 1}, ["rate is '5'"]),
        ({**RATE, "rate": 2e6, "duration": 1}, ["at most 1,000,000 a second"]),
        ({**RATE, "rate": 5, "duration": "1 fortnight"}, ["here: duration '1 fortnight' is not a duration", "1m30s"]),
        ({**RATE, "rate": 5, "duration": -1}, ["duration is -1"]),
        ({**RATE, "rate": 5, "duration": 0}, ["duration is 0", "more than 0"]),
        ({**RATE, "rate": 5, "duration": "9999999h"}, ["more than a year"]),
        ({**RATE, "rate": 5, "duration": 1, "timeUnit": 0}, ["timeUnit is 0"]),
        ({**RATE, "rate": 5, "duration": 1, "preAllocatedVUs": 9, "maxVUs": 3}, ["maxVUs is 3, less than preAll"]),
        ({**VUS, "vus": 0}, ["vus is 0, expected a whole number, 1 or more"]),
        ({**VUS, "vus": 1.5}, ["vus is 1.5"]),
        ({**VUS, "vus": 10**12}, ["vus is 1000000000000"]),
        ({**VUS, "vus": 10**7}, ["at most 1,000,000"]),
        ({**VUS, "exec": ""}, ["exec is ''"]),
        ({**VUS, "tags": "a"}, ["tags is 'a'"]),
        ({**VUS, "tags": {"a b": 1}}, ["letters, digits and _"]),
        ({**VUS, "tags": {"scenario": "x"}}, ["other than group, name, scenario"]),
        ({**VUS, "tags": {"a": "}"}}, ["without braces"]),
        ({**RAMP, "stages": []}, ["stages is []"]),
        ({**RAMP, "stages": "30s:5"}, ["stages is '30s:5', expected a list"]),
        ({**RAMP, "stages": [*STAGES, 5]}, ["here: stages, stage 3 is 5"]),
        ({**RAMP, "stages": [{"duration": "5s"}]}, ["stage 1: target is missing"]),
        ({**RAMP, "stages": [{"durations": "5s", "target": 1}]}, ["stage 1: there is no 'durations'", "'duration'?"]),
        ({**RAMP, "stages": [{"duration": "5s", "target": -1}]}, ["stage 1: target is -1"]),
        ({**RAMP, "stages": [{"duration": "5s", "target": 1.5}]}, ["stage 1: target is 1.5, expected a whole number"]),
        ({**RAMP, "stages": [{"duration": 0, "target": 1}]}, ["all stages together take no time"]),
        ({"executor": "shared-iterations", "vus": 5, "iterations": 4}, ["4 iterations are less than one for each"]),
        ({"executor": "per-vu-iterations", "iterations": 0}, ["iterations is 0"]),
        ({"executor": "replay", "speed": 0}, ["speed is 0"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_the_way_out(options, words):
    with pytest.raises(UsageError) as caught:
        made(**options)
    error = caught.value
    shown = "\n".join([error.message, *error.details, error.hint])
    assert error.message.startswith("here")
    assert error.hint
    assert not [word for word in words if word not in shown], shown


def test_names_that_are_understood_elsewhere_are_suggested_too():
    with pytest.raises(UsageError) as caught:
        scenario_from("a", {"wieght": 3}, "here", also=("weight",))
    assert "weight" in caught.value.hint


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["5s", "1m30s"]),
    st.lists(st.dictionaries(st.sampled_from(["duration", "target", "x"]), st.one_of(st.integers(), st.just("5s")))),
    st.dictionaries(st.text(max_size=3), st.integers()),
)  # fmt: skip


@given(st.sampled_from([*SHAPES, "nothing"]), st.dictionaries(st.sampled_from([*NAMES[1:], "x"]), VALUES, max_size=5))
def test_whatever_is_written_is_a_scenario_or_a_usage_error(executor, options):
    try:
        scenario = made(executor=executor, **options)
    except UsageError:
        return
    assert duration_of(scenario) > 0
    assert math.isfinite(mean_rate(scenario))


@pytest.mark.parametrize(
    ("options", "duration_s", "vus", "highest", "mean"),
    [
        ({"executor": "constant-vus", "vus": 7, "duration": 10, "startTime": 5}, 15, 7, 0, 0),
        ({"executor": "ramping-vus", "stages": STAGES}, 90, 20, 0, 0),
        ({"executor": "per-vu-iterations", "vus": 3}, 600, 3, 0, 0),
        ({"executor": "constant-arrival-rate", "rate": 5, "duration": 10}, 10, 0, 5, 5),
        ({"executor": "ramping-arrival-rate", "stages": STAGES}, 90, 0, 20, 10),
        ({"executor": "sessions", "rate": 2, "duration": 10, "gracefulStop": 9}, 10, 0, 2, 2),
        ({"executor": "replay", "duration": 3}, 3, 0, 0, 0),
        ({"executor": "polite", "duration": 3}, 3, 1, 0, 0),
    ],
)
def test_how_long_how_many_and_how_fast(options, duration_s, vus, highest, mean):
    scenario = made(**options)
    found = duration_of(scenario), most_vus(scenario), highest_rate(scenario), mean_rate(scenario)
    assert found == pytest.approx((duration_s, vus, highest, mean))


@pytest.mark.parametrize(
    ("text", "expected"), [("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("1.5h", 5400), ("7", 7), (" 2m ", 120)]
)
def test_durations_are_written_as_in_k6(text, expected):
    assert seconds(text, "here") == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "s", "5 s", "-5s", "5s!", "5d", "٣s", "1e3"])
def test_what_is_no_duration_is_named(text):
    with pytest.raises(UsageError, match=r"^here "):
        seconds(text, "here")
