"""Faults by their names, and what a wrong one is told."""

import pkgutil
import re
from pathlib import Path

import pytest

from nineam.errors import UsageError
from nineam.faults import kinds
from nineam.faults.kinds import FAULTS
from nineam.faults.naming import BY_NAME, fault_of

PAGE = Path(__file__).parents[3] / "docs" / "faults.md"
TOXIPROXY = {
    "latency": {"latency": 50, "jitter": 5},
    "bandwidth": {"rate": 100},
    "slow_close": {"delay": 10},
    "timeout": {"timeout": 0},
    "reset_peer": {"timeout": 0},
    "slicer": {"average_size": 64, "size_variation": 8, "delay": 100},
    "limit_data": {"bytes": 1000},
}


@pytest.mark.parametrize("name", TOXIPROXY)
def test_a_fault_that_toxiproxy_has_takes_toxiproxy_s_parameters(name):
    fault = fault_of(name, TOXIPROXY[name])
    assert fault.name() == name
    assert {key: getattr(fault, key) for key in TOXIPROXY[name]} == TOXIPROXY[name]


def test_every_fault_file_is_registered_and_has_a_row_in_the_documentation():
    files = {module.name for module in pkgutil.iter_modules(kinds.__path__)}
    assert files == set(BY_NAME)
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE.read_text(), re.MULTILINE))
    assert {name: set(re.findall(r"`(\w+)`", rows[name])) - {"both"} for name in rows} == {
        kind.NAME: set(kind.__struct_fields__) for kind in FAULTS
    }


def test_no_two_faults_share_a_name():
    assert len(BY_NAME) == len(FAULTS)
    assert all(BY_NAME)


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.NAME)
def test_a_fault_lives_in_a_file_of_its_name(kind):
    assert kind.__module__ == f"nineam.faults.kinds.{kind.NAME}"
    assert kind.__doc__


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("latencie", {}, ("latencie", "did you mean latency")),
        ("", {}, ("there is no fault", )),
        ("latency", {"jiter": 1}, ("jiter", "did you mean jitter")),
        ("latency", {"latency": -1}, (">= 0", "latency")),
        ("latency", {"latency": "50ms"}, ("Expected `float`", "latency")),
        ("latency", {"toxicity": 2}, ("<= 1", "toxicity")),
        ("bandwidth", {}, ("rate",)),
        ("bandwidth", {"rate": 0}, ("> 0", "rate")),
        ("stall", {"heal": "pray"}, ("pray", "heal")),
        ("limit_data", {"bytes": 1, "stream": "sideways"}, ("sideways",)),
        ("down", {"timeout": 1}, ("timeout", "down")),
        ("http_status", {"status": 99}, (">= 200",)),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_fault_is_said_with_the_next_step(name, parameters, words):
    with pytest.raises(UsageError) as raised:
        fault_of(name, parameters)
    assert not [word for word in words if word not in raised.value.message]
    assert raised.value.hint
