"""Addresses in variables: found, named for what they are, and rewritten without touching anything else."""

import pytest

from nineam.trials.addresses import mentions, rewritten
from nineam.trials.dependencies import dependencies, redirected, stem

CASES = [
    (
        {"DATABASE_URL": "postgresql+psycopg://shop:s%40cret@localhost:5432/shop?sslmode=disable"},
        {"DATABASE_URL": "postgresql+psycopg://shop:s%40cret@127.0.0.1:9/shop?sslmode=disable"},
    ),
    ({"DATABASE_URL": "postgres://localhost/shop"}, {"DATABASE_URL": "postgres://127.0.0.1:9/shop"}),
    ({"REDIS_URL": "redis://[::1]:6379/0"}, {"REDIS_URL": "redis://127.0.0.1:9/0"}),
    ({"PGHOST": "localhost"}, {"PGHOST": "127.0.0.1", "PGPORT": "9"}),
    ({"DB_HOST": "127.0.0.1", "DB_PORT": "5432"}, {"DB_HOST": "127.0.0.1", "DB_PORT": "9"}),
    ({"DSN": "host=localhost port=5432 dbname=shop"}, {"DSN": "host=127.0.0.1 port=9 dbname=shop"}),
    ({"DSN": "host=localhost user=shop"}, {"DSN": "host=127.0.0.1 user=shop port=9"}),
    ({"MEMCACHED": "localhost:11211"}, {"MEMCACHED": "127.0.0.1:9"}),
    ({"PAYMENTS_URL": "http://localhost:7000/v1?a=b"}, {"PAYMENTS_URL": "http://127.0.0.1:9/v1?a=b"}),
    ({"SERVICES": '{"pay": "http://localhost:7000/v1"}'}, {"SERVICES": '{"pay": "http://127.0.0.1:9/v1"}'}),
]
LEFT_ALONE = [
    {"HOST": "localhost", "PORT": "8000"},
    {"PGHOST": "/var/run/postgresql"},
    {"DATABASE_URL": "sqlite:///shop.db"},
    {"DATABASE_URL": "postgresql:///shop"},
    {"DATABASE_URL": "postgresql://a:5432,b:5432/shop"},
    {"PAYMENTS_URL": "https://localhost:7000/v1"},
    {"DATABASE_URL": "postgresql://db:5432/shop?sslmode=verify-full"},
    {"HTTP_PROXY": "http://localhost:3128"},
    {"PIP_INDEX_URL": "http://localhost:3141/simple"},
    {"HOSTNAME": "localhost"},
    {"GREETING": "hello: world"},
]


def nobody(host, port):
    return None


def nine(host, port):
    return 9


@pytest.mark.parametrize(("before", "after"), CASES, ids=str)
def test_an_address_is_rewritten_and_nothing_else(before, after):
    assert rewritten(before, nine) == after


@pytest.mark.parametrize("environ", LEFT_ALONE, ids=str)
def test_what_is_no_address_or_must_keep_its_name_stays_as_it_is(environ):
    assert rewritten(environ, nine) == environ


def test_an_address_that_nobody_replaces_stays_as_it_is():
    environ = {name: value for before, _ in CASES for name, value in before.items()}
    assert rewritten(environ, nobody) == environ


def test_a_verified_host_is_mentioned_all_the_same():
    (mention,) = mentions({"PAYMENTS_URL": "https://pay.example/v1"})
    assert (mention.host, mention.port, mention.pinned) == ("pay.example", 443, True)


def test_one_address_in_two_variables_is_one_dependency():
    (found,) = dependencies({"CACHE_URL": "redis://localhost:6379/1", "REDIS_URL": "redis://127.0.0.1/0"})
    assert (found.role, found.sources) == ("cache", ("CACHE_URL", "REDIS_URL"))


def test_two_databases_have_two_names():
    environ = {"DATABASE_URL": "postgres://localhost/a", "REPORTS_DATABASE_URL": "postgres://localhost:5433/b"}
    first, second = dependencies(environ)
    assert (first.name, second.name) == ("database", "reports-database")
    moved = redirected(environ, (first, second), {"database": 1, "reports-database": 2})
    assert moved == {"DATABASE_URL": "postgres://127.0.0.1:1/a", "REPORTS_DATABASE_URL": "postgres://127.0.0.1:2/b"}


def test_a_redis_that_is_a_broker_is_no_cache():
    (found,) = dependencies({"CELERY_BROKER_URL": "redis://localhost:6379/0"})
    assert found.role == "broker"


@pytest.mark.parametrize(
    ("variable", "name"), [("PAYMENTS_API_URL", "payments"), ("DATABASE_URL", "database"), ("URL", "url")]
)
def test_a_dependency_is_called_what_its_variable_is_about(variable, name):
    assert stem(variable) == name
