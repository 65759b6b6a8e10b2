"""Thresholds in both of k6's forms, and what else is asked of them."""

import pytest

from nineam.cli.asked import Options
from nineam.cli.gates import gates_of
from nineam.errors import UsageError
from nineam.model import Scenario

BROWSE = Scenario(name="browse", tags=(("team", "shop"),))


def gates(*thresholds, scenarios=(BROWSE,), journeys="", **given):
    options = Options(target="", command=(), environ={}, thresholds=thresholds, **given)
    return gates_of(options, journeys, scenarios, "nineam.toml")


def test_a_text_is_a_threshold_that_stops_nothing():
    found = gates("p(95)<500")
    assert (found.texts, found.aborts) == (("p(95)<500",), ())


def test_a_table_is_a_threshold_that_may_stop_the_load():
    found = gates({"threshold": "p(95)<500, p(99)<900", "abortOnFail": True, "delayAbortEval": "1m"})
    assert [(abort.threshold.source, abort.delay_s) for abort in found.aborts] == [("p(95)<500", 60), ("p(99)<900", 60)]


def test_a_table_without_more_is_a_threshold():
    assert gates({"threshold": "p(95)<500"}).aborts == ()


def test_the_option_lets_all_thresholds_stop_the_load():
    found = gates("p(95)<500", {"threshold": "http_reqs count>1", "delayAbortEval": 5}, abort_on_fail=True)
    assert [abort.delay_s for abort in found.aborts] == [0, 5]


def test_tags_are_those_of_scenarios_and_journeys(tmp_path):
    file = tmp_path / "monday.py"
    file.write_text('user.get("/", tags={"kind": "slow"})\n')
    found = gates(
        "http_req_duration{kind:slow} p(95)<5",
        "http_req_duration{team:shop} p(95)<5",
        "http_req_duration{scenario:browse} p(95)<5",
        journeys=str(file),
    )
    assert set(found.tags) == {"kind", "team"}


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ({}, ("nineam.toml thresholds[0]", "threshold is nothing", "expected a text")),
        ({"threshold": 3}, ("threshold is 3", "expected a text")),
        ({"threshold": "p(95)<5", "abortOnFial": True}, ("has no 'abortOnFial'", "did you mean abortOnFail?")),
        ({"threshold": "p(95)<5", "abortOnFail": "yes"}, ("abortOnFail is 'yes'", "expected true or false")),
        ({"threshold": "p(95)<5", "delayAbortEval": True}, ("delayAbortEval is True", "expected a duration")),
        ({"threshold": "p(95)<5", "delayAbortEval": "soon"}, ("delayAbortEval 'soon'", "not a duration")),
        ("http_req_duration{scenario:brows} p(95)<5", ("no scenario is called 'brows'", "did you mean browse?")),
        ("http_req_duration{kind:slow} p(95)<5", ("has no tag 'kind'", "name, scenario, group, team")),
    ],
)
def test_a_threshold_that_is_none_is_refused(gate, words):
    with pytest.raises(UsageError) as caught:
        gates(gate)
    said = " ".join((caught.value.message, *caught.value.details, caught.value.hint))
    assert all(word in said for word in words), said
    assert caught.value.hint


def test_a_scenario_cannot_be_named_where_there_is_none():
    with pytest.raises(UsageError, match="no scenario is called 'browse'"):
        gates("http_req_duration{scenario:browse} p(95)<5", scenarios=())


def test_without_a_threshold_there_is_nothing_to_stop_for():
    with pytest.raises(UsageError, match="--abort-on-fail needs a --threshold"):
        gates(abort_on_fail=True)
