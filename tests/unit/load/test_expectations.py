"""`expect=`: what counts as a success, and what is said when it is none."""

import pytest

from nineam.load.expectations import expectation


def answer(status, body=b"", *headers):
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"HTTP/1.1 {status} X\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


def judged(with_user, expect, *moves, **options):
    @with_user(*moves)
    async def found(server, user, collector):
        response = await user.get("/x", expect=expect, **options)
        endpoints = {each.name: each for each in collector.take().endpoints}
        return response, endpoints["GET /x"]

    return found


@pytest.mark.parametrize(
    ("expect", "status", "error"),
    [
        (200, 200, ""),
        (200, 500, "expected 200, got 500"),
        ("2xx", 204, ""),
        ("2XX", 404, "expected 2XX, got 404"),
        ((200, 404), 404, ""),
        (["2xx", 404], 500, "expected 2xx or 404, got 500"),
        ({"4xx"}, 418, ""),
        ("503", 503, ""),
        (lambda r: r.status == 404, 404, ""),
        (lambda r: r.json()["ok"], 200, "expectation at test_expectations.py:35 raised AnswerError"),
        (lambda r: r.text, 200, "expectation at test_expectations.py:36 not met"),
    ],
)
def test_what_counts_as_a_success(with_user, expect, status, error):
    response, counted = judged(with_user, expect, answer(status))
    assert (response.status, response.error) == (status, error)
    assert counted.failed == bool(error)
    assert counted.errors == ({error: 1} if error else {})
    assert counted.statuses == {str(status): 1}


def test_a_function_may_look_at_everything(with_user):
    response, counted = judged(
        with_user, lambda r: r.json()["ok"] and r.headers["x"] == "1", answer(500, b'{"ok":1}', "X: 1")
    )
    assert (response.failed, counted.failed) == (False, 0)


def test_no_answer_is_its_own_error_and_no_function_is_asked(with_user):
    _, counted = judged(with_user, lambda r: 1 / 0, None)
    assert counted.errors == {"connection closed without an answer": 1}
    assert counted.failed == 1


def test_the_redirects_on_the_way_are_not_judged(with_user):
    move = answer(302, b"", "Location: /y")

    @with_user(move, answer(200))
    async def counted(server, user, collector):
        await user.get("/x", expect=200)
        return {each.name: each.failed for each in collector.take().endpoints}

    assert counted == {"GET /x": 0, "GET /y": 0}


@pytest.mark.parametrize(
    ("options", "status"),
    [({"expect": 302}, 302), ({"redirects": 0}, 302), ({"redirects": False, "expect": "3xx"}, 302)],
)
def test_a_redirect_can_be_what_is_wanted(with_user, options, status):
    @with_user(answer(302, b"", "Location: /y"))
    async def found(server, user, collector):
        response = await user.get("/x", **options)
        return response.status, [each.failed for each in collector.take().endpoints], len(server.heads)

    assert found == (status, [0], 1)


def test_so_many_redirects_are_followed_as_the_journey_says(with_user):
    @with_user(*[answer(302, b"", "Location: /x")] * 5)
    async def found(server, user, collector):
        response = await user.get("/x", redirects=2)
        return response.status, len(server.heads)

    assert found == (302, 3)


async def _later(response):
    return True


@pytest.mark.parametrize("wrong", ["ok", "2x", 99, "6xx", 3.5, [700], _later])
def test_what_is_no_expectation_is_refused(wrong):
    with pytest.raises(ValueError, match='expect= takes a status, several, a range like "2xx", or a function'):
        expectation(wrong)


def test_kinds_of_errors_are_bounded_in_number(with_user):
    def impossible(number):
        return lambda r: (_ for _ in ()).throw(type(f"Error{number}", (Exception,), {}))

    @with_user()
    async def errors(server, user, collector):
        for number in range(60):
            await user.get("/x", expect=impossible(number))
        return collector.take().endpoints[0].errors

    assert len(errors) == 51
    assert errors["other errors"] == 10
