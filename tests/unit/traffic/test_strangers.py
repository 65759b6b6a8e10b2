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
