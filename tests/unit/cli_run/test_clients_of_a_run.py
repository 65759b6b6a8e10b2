"""Clients unlike the others, from the options of `run` to the plan of the load process."""

import pytest

from nineam.cli.asked import Options
from nineam.cli.run_plan import plan_of
from nineam.cli.traffic import Traffic
from nineam.config.settings import load_settings
from nineam.errors import UsageError
from nineam.traffic.clients import parse_clients

TRAFFIC = Traffic(plan={"requests": ()}, names=("GET /",), unit="requests")


def clients(**given):
    options = Options(target="app:app", command=(), environ={}, slo="p(95)<500", **given)
    return plan_of(options, TRAFFIC, "nineam.toml")[0].load.clients


@pytest.mark.parametrize(
    "given",
    [
        {"users": 4, "clients": "slow=3, hostile=1"},
        {"users": 4, "clients": {"slow": 3, "hostile": 1}},
        {"users": 4, "iterations": 9, "clients": "slow=3, hostile=1"},
        {"stages": ("1s:400",), "clients": "slow=3, hostile=1"},
    ],
)
def test_the_clients_come_into_the_plan_wherever_they_fit(given):
    assert clients(**given) == parse_clients("slow=3, hostile=1")


def test_there_are_none_unless_somebody_asks():
    assert clients(users=3) == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"users": 3, "clients": "slow=3, hostile=1"}, "4 clients, and there are only 3 users"),
        ({"stages": ("1s:2",), "clients": {"slow": 3}}, "nineam.toml: clients: slow=3 is 3 clients"),
        ({"rate": 10.0, "clients": "slow=3"}, "no number of users"),
        ({"clients": "slow=3"}, "no number of users"),
        ({"users": 3, "clients": {"slw": 3}}, "nineam.toml: clients: slw: there are no such clients"),
    ],
)
def test_clients_that_do_not_fit_are_refused_before_anything_starts(given, words):
    with pytest.raises(UsageError) as caught:
        clients(**given)
    assert words in caught.value.message


def test_shares_fit_any_load():
    assert clients(rate=10.0, clients="mobile=30%") == parse_clients("mobile=30%")


def test_the_settings_may_say_it_in_one_line(tmp_path):
    (tmp_path / "nineam.toml").write_text("users = 400\nclients = { slow = 3, hostile = 1 }\n")
    settings = load_settings(tmp_path)
    assert clients(users=settings.users, clients=settings.clients) == parse_clients("slow=3, hostile=1")
