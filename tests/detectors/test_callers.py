"""A line that many use is to blame for what all of them pay, and its callers for what only some of them do."""

import pytest
from builder import Query, Spot

from nineam.diagnose.picture import Picture

RUN = "app/database.py:8:run"
LISTS, SHOWS = "app/views.py:10:lists", "app/views.py:30:shows"


def picture(new_run, one, other, field):
    run = new_run().localhost()
    run.endpoint("GET /lists", {"view": 1.0}, **{field: (one,)})
    return Picture(run.endpoint("GET /shows", {"view": 1.0}, **{field: (other,)}).read())


def sites(new_run, one, other):
    seen = picture(new_run, one, other, "queries")
    return [row.site for name in ("GET /lists", "GET /shows") for row in seen.queries(seen.localhost, name)]


def test_a_way_to_the_database_is_not_to_blame_for_the_statements_of_others(new_run):
    one = Query(1, 1, "SELECT a", RUN, caller=LISTS)
    assert sites(new_run, one, Query(1, 1, "SELECT b", RUN, caller=SHOWS)) == [LISTS, SHOWS]


def test_nor_for_how_often_one_of_its_callers_asks(new_run):
    assert sites(new_run, Query(20, 20, site=RUN, caller=LISTS), Query(1, 1, site=RUN, caller=SHOWS)) == [LISTS, SHOWS]


@pytest.mark.parametrize("other", [LISTS, SHOWS], ids=["one caller", "two that pay the same"])
def test_what_all_callers_pay_stands_where_it_is_spent(new_run, other):
    assert sites(new_run, Query(3, 3, site=RUN, caller=LISTS), Query(2, 2, site=RUN, caller=other)) == [RUN, RUN]


@pytest.mark.parametrize(("loops", "expected"), [(False, LISTS), (True, RUN)])
def test_what_is_repeated_stands_where_it_is_repeated(new_run, loops, expected):
    run = new_run().localhost().endpoint("GET /lists", {"view": 1.0}, queries=(Query(20, 20, site=RUN, caller=LISTS),))
    seen = Picture((run.source("loop", RUN, RUN) if loops else run).read())
    assert [row.site for row in seen.queries(seen.localhost, "GET /lists")] == [expected]


def test_a_lazy_load_stands_where_the_relation_is_read(new_run):
    one = Query(20, 20, site=RUN, relation="Order.user", caller=LISTS)
    assert sites(new_run, one, Query(1, 1, site=RUN, relation="Order.user", caller=SHOWS)) == [RUN, RUN]


def test_a_line_that_an_unknown_caller_uses_too_stays_for_that_one(new_run):
    assert sites(new_run, Query(20, 20, site=RUN, caller=LISTS), Query(1, 1, site=RUN)) == [LISTS, RUN]


@pytest.mark.parametrize(("ms", "expected"), [(400.0, [LISTS, SHOWS]), (2.0, [RUN, RUN])])
def test_a_call_that_is_dear_for_one_caller_only_is_that_callers(new_run, ms, expected):
    one, other = Spot("http_client", ms, RUN, caller=LISTS), Spot("http_client", 1.0, RUN, caller=SHOWS)
    seen = picture(new_run, one, other, "spots")
    assert [
        row.site for name in ("GET /lists", "GET /shows") for row in seen.spots(seen.localhost, name, "http_client")
    ] == expected


def test_rows_that_come_to_stand_at_one_line_are_added_up(new_run):
    run = new_run().localhost()
    run.endpoint(
        "GET /lists", {"view": 1.0}, queries=(Query(3, 3, site=RUN, caller=LISTS), Query(2, 1, site=RUN, caller=SHOWS))
    )
    seen = Picture(run.read())
    (row,) = seen.queries(seen.localhost, "GET /lists")
    assert (row.site, row.requests, row.executions, row.distinct_parameters, row.most) == (RUN, 40, 200, 160, 5)


def test_callers_are_compared_as_they_are_alone_because_under_load_all_of_them_wait(new_run):
    run = new_run().localhost()
    for ms, stair in ((0.0, 0), (900.0, 1)):
        run = run.monday(1, 50, held=False) if stair else run
        run.endpoint("GET /lists", {"view": 1.0}, spots=(Spot("http_client", 400.0 + ms, RUN, caller=LISTS),))
        run.endpoint("GET /shows", {"view": 1.0}, spots=(Spot("http_client", 1.0 + ms, RUN, caller=SHOWS),))
    seen = Picture(run.read())
    assert [row.site for row in seen.spots(seen.failing, "GET /lists", "http_client")] == [LISTS]
