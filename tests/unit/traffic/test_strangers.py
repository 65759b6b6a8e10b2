"""What turns a stranger away is no traffic: a climb over redirects to a login proves nothing about the pages."""

import asyncio

import pytest

from nineam.traffic.discover import Candidate, discover
from nineam.traffic.strangers import Answered, login_of


@pytest.mark.parametrize(
    ("asked", "location", "login"),
    [
        ("/projects/", "/accounts/login/?next=/projects/", "/accounts/login/"),
        ("/index", "http://127.0.0.1:8000/auth/login?next=%2Findex", "/auth/login"),
        ("/a?b=c", "/gate?return_to=%2Fa%3Fb%3Dc", "/gate"),
        ("/a", "/users/sign_in", "/users/sign_in"),
        ("/a", "/oauth/log-in", "/oauth/log-in"),
        ("/", "/en/", ""),
        ("/books", "/books/", ""),
        ("/login", "/login/", ""),
        ("/a", "/catalogin/", ""),
        ("/a", "/a?next=/a", ""),
    ],
)
def test_a_login_is_called_like_one_or_is_told_where_to_come_back_to(asked, location, login):
    assert login_of(asked, Answered(302, location=location)) == login


def test_an_answer_that_does_not_lead_away_is_no_login():
    assert login_of("/a", Answered(200, location="/login")) == ""
    assert login_of("/a", Answered(302)) == ""


def test_pages_behind_a_login_are_left_out_named_together_and_counted():
    answers = {
        **{f"/page{number}": Answered(302, location=f"/login?next=/page{number}") for number in range(5)},
        "/login": Answered(200),
        "/staff": Answered(403),
        "/old": Answered(301, location="/login2"),
    }

    async def ask(path):
        return answers[path]

    found = asyncio.run(discover([Candidate(method="GET", path=path) for path in answers], "", ask))
    assert [request.name for request in found.requests] == ["GET /login", "GET /old"]
    assert found.skipped == (
        "behind the login /login: GET /page0, GET /page1, GET /page2 and 2 more",
        "GET /staff: answered 403",
    )
    assert found.refused == 6


def discovered(*paths, **answers):
    async def ask(path):
        return answers.get(path, Answered(404))

    return asyncio.run(discover([Candidate(method="GET", path=path) for path in paths], "", ask))


def test_where_only_a_slash_is_missing_the_page_behind_it_is_asked_for():
    answers = {"/a": Answered(301, location="/a/"), "/a/": Answered(200), "/b": Answered(301, location="/b/")}
    found = discovered("/a", "/b", **answers)
    assert [(request.path, request.name) for request in found.requests] == [("/a/", "GET /a")]
    assert found.skipped == ("GET /b: answered 404",)


def test_where_one_route_serves_all_pages_the_home_page_is_asked_for():
    assert [request.path for request in discovered("/{path}", **{"/": Answered(200)}).requests] == ["/"]
    assert discovered("/books/{path}", **{"/": Answered(200)}).requests == ()


@pytest.mark.parametrize(
    ("paths", "health"),
    [
        (("/api/health-check", "/orders"), "/api/health-check"),
        (("/api/v1/utils/health-check/", "/health"), "/health"),
        (("/monitoring/healthz",), "/monitoring/healthz"),
        (("/orders/status", "/health-insurance", "/{tenant}/health"), ""),
    ],
)
def test_a_health_check_is_known_by_its_name_wherever_it_is(paths, health):
    assert discovered(*paths).health_path == health


def test_what_went_wrong_is_named_before_what_was_not_tried():
    candidates = [Candidate(method="POST", path="/a"), Candidate(method="GET", path="/b")]

    async def ask(path):
        return Answered(500)

    found = asyncio.run(discover(candidates, "", ask))
    assert found.skipped == ("GET /b: answered 500", "POST /a: only GET is sent unasked")
