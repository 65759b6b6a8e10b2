"""`nineam trial` through the front door: an application that must fail each trial, and its twin that must pass it."""

import psycopg
import pytest
import redis
from trial_kit import POSTGRES, REDIS, payments, trial

pytestmark = pytest.mark.postgres
FAILED = 99


@pytest.fixture(scope="module", autouse=True)
def services():
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
        redis.Redis.from_url(REDIS, socket_timeout=3).ping()
    except (psycopg.OperationalError, redis.RedisError) as problem:
        pytest.skip(f"needs PostgreSQL and Redis on 127.0.0.1: {problem}")


@pytest.fixture(scope="module")
def surroundings():
    with payments() as url:
        yield {"DATABASE_URL": POSTGRES, "PAYMENTS_URL": url, "REDIS_URL": REDIS}


def on_trial(nineam, surroundings, sins, *names, **options):
    env = surroundings | {"SINS": sins}
    return trial(nineam, "trial_shop:app", *names, env=env, **options)


def test_a_shop_that_is_ready_passes(nineam, surroundings):
    names = ("database-down", "cache-down")
    outcome, document, found = on_trial(nineam, surroundings, "", *names)
    assert {name: found[name]["result"] for name in names} == dict.fromkeys(names, "pass"), outcome.out
    assert outcome.code == 0
    assert document["verdict"]["status"] == "ready"
    assert {each["role"] for each in document["dependencies"]} == {"database", "cache", "http"}
    assert document["touches"]["GET /plain"] == {}
    assert document["not_tested"]


def test_its_twin_with_one_connection_for_ever_fails(nineam, surroundings):
    outcome, document, found = on_trial(nineam, surroundings, "one-connection", "database-down")
    failed = found["database-down"]
    assert (failed["result"], failed["attempts"]) == ("fail", 2), outcome.out
    assert outcome.code == FAILED
    assert document["verdict"]["status"] == "not-ready"
    assert failed["recovered"] is False
    assert "trial_shop.py:" in failed["cause"]
    assert "pool" in failed["fix"]
    assert failed["fault_proof"]["times"] + failed["fault_proof"]["kept_away"] > 0


# sin, the trial that it fails, what has to be named
SINS = [
    ("one-by-one", "database-latency", "round trips"),
    ("one-connection", "database-down", "trial_shop.py"),
    ("default-pool", "silent-stall", "sqlalchemy"),
    ("no-connect-timeout", "connect-blackhole", "without a timeout"),
    ("no-timeout", "http-hang", "requests"),
    ("needs-cache", "cache-down", "cache"),
    ("insists", "retry-amplification", "5 tries"),
    ("at-import", "boot-without-dependency", "<module>"),
    ("blind,no-timeout", "health-honesty", "check"),
    ("nervous", "health-honesty", "cache"),
]
USUAL = ("--control-time", "2", "--fault-time", "5", "--watch-time", "10")


@pytest.mark.slow
@pytest.mark.parametrize("time", range(5))
@pytest.mark.parametrize(("sin", "name", "word"), SINS, ids=[sin for sin, _, _ in SINS])
def test_a_sin_is_found_five_times_of_five(nineam, surroundings, sin, name, word, time):
    outcome, _, found = on_trial(nineam, surroundings, sin, name, pace=USUAL)
    assert found[name]["result"] == "fail", outcome.out
    assert word in found[name]["cause"]
    assert outcome.code == FAILED


@pytest.mark.slow
@pytest.mark.parametrize("time", range(5))
def test_the_shop_without_sins_passes_everything_five_times_of_five(nineam, surroundings, time):
    outcome, _, found = on_trial(nineam, surroundings, "", *dict.fromkeys(name for _, name, _ in SINS), pace=USUAL)
    assert {each["result"] for each in found.values()} == {"pass"}, outcome.out
