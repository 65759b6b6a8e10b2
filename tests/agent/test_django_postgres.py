"""Django on PostgreSQL: a slow statement is the database's, an exhausted pool the pool's, and nothing counts twice."""

import json
import os

import kit
import pytest

psycopg = pytest.importorskip("psycopg", reason="Django's driver for PostgreSQL")
pytest.importorskip("psycopg_pool", reason="Django's pool is psycopg's")
django = pytest.importorskip("django", reason="Django is what is measured here")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(django.VERSION < (5, 1), reason="pools came with Django 5.1"),
]
SERVER = {"host": "127.0.0.1", "user": "postgres", "connect_timeout": 3}


@pytest.fixture(scope="module")
def database():
    name = f"nineam_django_{os.getpid()}"
    try:
        server = psycopg.connect(**SERVER, dbname="postgres", autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432")
    with server:
        server.execute(f"CREATE DATABASE {name}")
        yield name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def requests(database):
    pool = {"min_size": 1, "max_size": 1, "timeout": 20}
    settings = {
        "ENGINE": "django.db.backends.postgresql", "NAME": database, "HOST": "127.0.0.1", "USER": "postgres",
        "OPTIONS": {"pool": pool},
    }  # fmt: skip
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, SHOP_DATABASE=json.dumps(settings), SHOP_MIDDLEWARE="plain")
        statuses = kit.answer_of(["-W", "ignore", str(kit.CHILDREN / "django_postgres.py")], environment)
        controller.settle()
    assert statuses == [200] * 5
    return controller.requests


def test_statements_beneath_a_driver_with_hooks_of_its_own_count_once(requests):
    assert [sum(query.count for query in request.queries) for request in requests[:3]] == [13, 13, 1]


def test_a_slow_statement_is_the_database_s(requests):
    assert 48 < kit.milliseconds(requests[4], "db_execute") < 70
    assert kit.milliseconds(requests[4], "pool_wait") < 10


def test_a_pool_of_one_makes_the_others_wait_for_it_and_not_for_the_database(requests):
    together = requests[5:]
    assert len(together) == 6
    waits = sorted(kit.milliseconds(request, "pool_wait") for request in together)
    assert waits[0] < 25
    assert waits[-1] > 5 * 45
    assert all(kit.milliseconds(request, "db_execute") < 90 for request in together)
    for request in together:
        assert kit.sum_of_layers(request) == request.total_ns
