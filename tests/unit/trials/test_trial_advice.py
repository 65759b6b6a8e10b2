"""Which setting is named, by who made the connections: the one that is in force, or none."""

import pytest

from nineam.trials.advice import CONNECT, ONE_RETRY, insists, no_connect_timeout
from nineam.trials.subject import Fact


def called(*libraries, where="app/search.py:9 (find)", **more):
    return Fact(host="127.0.0.1", port=9200, via="socket", where=where, libraries=libraries, **more)


@pytest.mark.parametrize(
    ("libraries", "setting"),
    [
        (("urllib3", "elastic_transport", "elasticsearch"), "Elasticsearch(..., max_retries=1)"),
        (("urllib3", "requests"), "HTTPAdapter(max_retries=1)"),
        (("urllib3",), "Retry(total=1, respect_retry_after_header=True)"),
    ],
)
def test_the_retries_are_those_of_what_the_application_calls(libraries, setting):
    cause, fix = insists([called(*libraries)], 4.0)
    assert cause == "4 tries for each request, called at app/search.py:9 (find)"
    assert fix == f"{setting}, and no second loop of retries around it"


@pytest.mark.parametrize(
    "facts",
    [
        [called("urllib3", "somebodys_client")],
        [called("urllib3", where="")],
        [called("urllib3"), called("urllib3", "requests")],
        [],
    ],
)
def test_where_it_is_not_known_who_tries_again_no_library_is_named(facts):
    assert insists(facts, 4.0)[1] == ONE_RETRY


def connects(via, timeout, *libraries):
    return Fact(host="127.0.0.1", port=5432, via=via, timeout=timeout, where="app/db.py:3 (make)", libraries=libraries)


@pytest.mark.parametrize(("via", "timeout"), [("socket", 0.0), ("uvloop", None)])
def test_where_a_library_has_a_limit_of_its_own_that_is_told(via, timeout):
    cause, fix = no_connect_timeout([connects(via, timeout, "asyncpg")])
    assert cause == "asyncpg's own limit is 60 s unless it is told another, connected at app/db.py:3 (make)"
    assert fix == CONNECT["asyncpg"]


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ([], "how long an attempt to connect may take is not known"),
        (
            [connects("socket", 0.0, "somebodys_driver")],
            "how long an attempt to connect may take is not known, connected at app/db.py:3 (make)",
        ),
        ([connects("psycopg2", None, "psycopg2")], "psycopg2 connects without a timeout at app/db.py:3 (make)"),
        (
            [connects("psycopg2", "7", "psycopg2")],
            "attempts follow each other, or wait for the pool (connect_timeout 7)",
        ),
    ],
)
def test_of_a_limit_nothing_is_guessed(facts, cause):
    assert no_connect_timeout(facts)[0] == cause
