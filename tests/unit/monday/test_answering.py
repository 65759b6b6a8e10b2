import asyncio
import json

from nineam.monday.answering import answering
from nineam.traffic.strangers import Answered


def asked(document, answers):
    """Ask an application that answers what `answers` says by path, and 404 otherwise."""
    seen = []

    async def get(path, headers):
        seen.append((path, headers))
        status, value = answers.get(path, (404, None))
        location = value if 300 <= status < 400 else ""
        return Answered(status, json.dumps(value).encode(), location)

    return asyncio.run(answering(document, "", get, 1)), seen


def document(*paths, **rest):
    return {"openapi": "3.1.0", "paths": {path: {"get": {}} for path in paths}, **rest}


def test_ids_are_learnt_before_they_are_needed():
    found, seen = asked(
        document("/users/{id}", "/users"), {"/users": (200, [{"id": "x7"}]), "/users/x7": (200, {"id": "x7"})}
    )
    assert [path for path, _ in seen] == ["/users", "/users/x7"]
    assert [operation.name for operation in found.operations] == ["GET /users", "GET /users/{id}"]
    assert found.skipped == ()


def test_what_does_not_answer_is_left_out_and_named():
    paths = {"/me": {"get": {}, "post": {}}, "/ok": {"get": {}}, "/gone": {"get": {}}}
    found, _ = asked({"paths": paths}, {"/me": (401, None), "/ok": (200, None), "/gone": (0, None)})
    assert [request.name for request in found.requests] == ["GET /ok"]
    assert found.skipped == (
        "POST /me: only GET is sent unasked",
        "GET /me: answered 401",
        "GET /gone: gave no whole answer",
    )


def test_what_has_nothing_to_fill_in_is_a_plain_request():
    parameters = [{"in": "header", "name": "X-Shop", "required": True, "example": "1"}]
    found, seen = asked({"paths": {"/a": {"get": {"parameters": parameters}}}}, {"/a": (200, [])})
    assert seen == [("/a", {"x-shop": "1"})]
    (request,) = found.requests
    assert (request.path, request.headers, found.operations) == ("/a", (("x-shop", "1"),), ())


def test_the_servers_path_is_used_where_it_is_needed():
    servers = [{"url": "https://api.example.com/v1"}]
    bare, _ = asked(document("/a", "/healthz", servers=servers), {"/a": (200, []), "/v1/a": (200, [])})
    assert (bare.requests[0].name, bare.requests[0].path, bare.health_path) == ("GET /a", "/a", "/healthz")
    below, _ = asked(document("/a", "/healthz", servers=servers), {"/v1/a": (200, [])})
    assert (below.requests[0].name, below.requests[0].path, below.health_path) == ("GET /v1/a", "/v1/a", "/v1/healthz")


def test_what_is_behind_a_login_is_left_out_and_counted():
    answers = {
        "/ok": (200, None),
        "/me": (302, "/accounts/login/?next=/me"),
        "/secret": (403, None),
        "/old": (301, "/ok"),
    }
    found, _ = asked(document(*answers), answers)
    assert [request.name for request in found.requests] == ["GET /ok", "GET /old"]
    assert found.skipped == ("GET /me: behind the login /accounts/login/", "GET /secret: answered 403")
    assert found.refused == 2


def test_nothing_is_found_in_what_is_no_document():
    assert asked({"paths": 1}, {})[0].requests == ()
