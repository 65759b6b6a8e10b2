import asyncio
import json

import pytest

from nineam import check, metric, script
from nineam.load import failures

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(status, *headers, body=b""):
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"HTTP/1.1 {status} X\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


def endpoints(collector):
    return {each.name: (each.requests, each.failed) for each in collector.take().endpoints}


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_each_method_is_sent_under_its_own_name(with_user, method):
    @with_user()
    async def found(server, user, collector):
        response = await getattr(user, method)("/api/things/12?page=2")
        return response, server.heads[0], endpoints(collector)

    response, head, counted = found
    assert (response.status, response.text, response.error) == (200, "ok", "")
    assert head.startswith(f"{method.upper()} /api/things/12?page=2 HTTP/1.1\r\n".encode())
    assert counted == {f"{method.upper()} /api/things/{{id}}": (1, 0)}


@pytest.mark.parametrize(
    ("options", "line", "body"),
    [
        ({"json": {"a": [1, None]}}, b"content-type: application/json", b'{"a":[1,null]}'),
        ({"data": {"a": "b c", "d": [1, 2]}}, b"content-type: application/x-www-form-urlencoded", b"a=b+c&d=1&d=2"),
        ({"data": "text"}, b"content-type: text/plain; charset=utf-8", b"text"),
        ({"data": b"\x00"}, b"content-type: application/octet-stream", b"\x00"),
        ({"data": b"<a/>", "headers": {"Content-Type": "text/xml"}}, b"content-type: text/xml", b"<a/>"),
        ({}, b"content-length: 0", b""),
    ],
)
def test_bodies_are_encoded_and_named(with_user, options, line, body):
    @with_user()
    async def found(server, user, collector):
        await user.post("/", **options)
        return server.heads[0], server.bodies[0]

    head, sent = found
    assert b"\r\n" + line + b"\r\n" in head
    assert sent == body


def test_files_are_sent_as_a_form(with_user):
    @with_user()
    async def found(server, user, collector):
        await user.post("/", data={"title": "Photo"}, files={"photo": ("me.png", b"\x89PNG", "image/png")})
        return server.heads[0], server.bodies[0]

    head, body = found
    boundary = head.partition(b"boundary=")[2].partition(b"\r\n")[0]
    assert body.endswith(b"--" + boundary + b"--\r\n")
    assert b'name="title"\r\n\r\nPhoto\r\n' in body
    assert b'name="photo"; filename="me.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n' in body


def test_parameters_headers_and_cookies_of_one_request_are_sent_with_it_alone(with_user):
    @with_user()
    async def heads(server, user, collector):
        await user.get("/search", params={"q": "a&b", "page": 2}, headers={"X-One": "1"}, cookies={"seen": "yes"})
        await user.get("/search")
        return server.heads

    first, second = heads
    assert first.startswith(b"GET /search?q=a%26b&page=2 HTTP/1.1\r\n")
    assert b"\r\nx-one: 1\r\n" in first
    assert b"\r\ncookie: seen=yes\r\n" in first
    assert b"cookie" not in second
    assert b"x-one" not in second


def test_headers_of_the_user_are_sent_with_every_request(with_user):
    @with_user()
    async def heads(server, user, collector):
        user.headers["Authorization"] = "Bearer token"
        await user.get("/a")
        await user.post("/b", json=1)
        return server.heads

    assert all(b"\r\nauthorization: Bearer token\r\n" in head for head in heads)


def test_a_header_can_replace_one_that_is_always_sent(with_user):
    @with_user()
    async def heads(server, user, collector):
        await user.get("/", headers={"Host": "shop.example", "User-Agent": "phone"})
        return server.heads

    assert b"\r\nhost: shop.example\r\n" in heads[0]
    assert heads[0].count(b"user-agent") == 1
    assert heads[0].count(b"host:") == 1


def test_cookies_are_kept_per_path_and_dropped_when_they_expire(with_user):
    @with_user(
        answer(200, "Set-Cookie: session=abc; Path=/; HttpOnly", "set-cookie: cart=7; path=/cart"),
        OK,
        OK,
        answer(200, "Set-Cookie: session=; Max-Age=0"),
    )
    async def heads(server, user, collector):
        for path in ("/login", "/", "/cart/items", "/logout", "/"):
            await user.get(path)
        return server.heads

    cookies = [head.partition(b"cookie: ")[2].partition(b"\r\n")[0] for head in heads]
    assert cookies == [b"", b"session=abc", b"session=abc; cart=7", b"session=abc", b""]


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, b"GET", b""), (302, b"GET", b""), (303, b"GET", b""), (307, b"POST", b"x"), (308, b"POST", b"x")],
)
def test_redirects_are_followed_as_browsers_do(with_user, status, method, body):
    @with_user(answer(status, "Location: /next?x=1", "Set-Cookie: a=b; Path=/"), OK)
    async def found(server, user, collector):
        response = await user.post("/first/", data=b"x")
        return response, server, endpoints(collector)

    response, server, counted = found
    assert (response.status, response.url.rpartition("/")[2]) == (200, "next?x=1")
    assert server.heads[1].startswith(method + b" /next?x=1 ")
    assert b"\r\ncookie: a=b\r\n" in server.heads[1]
    assert server.bodies[1] == body
    assert counted == {"POST /first/": (1, 0), f"{method.decode()} /next": (1, 0)}


def test_a_relative_redirect_counts_from_the_page(with_user):
    @with_user(answer(302, "Location: ../c"), OK)
    async def server(server, user, collector):
        await user.get("/a/b")
        return server

    assert server.heads[1].startswith(b"GET /c ")


def test_a_redirect_to_another_host_is_not_followed(with_user):
    @with_user(answer(302, "Location: http://example.com/"))
    async def found(server, user, collector):
        return await user.get("/"), len(server.heads)

    response, requests = found
    assert (response.status, requests) == (302, 1)


def test_a_redirect_that_is_expected_is_not_followed(with_user):
    @with_user(answer(302, "Location: /login"))
    async def response(server, user, collector):
        return await user.get("/", expect=302)

    assert (response.status, response.failed) == (302, False)


def test_redirects_without_end_are_given_up(with_user):
    @with_user(*[answer(302, "Location: /again")] * 20)
    async def found(server, user, collector):
        return await user.get("/"), len(server.heads)

    response, requests = found
    assert (response.error, requests) == (failures.TOO_MANY_REDIRECTS, 11)


def test_a_name_given_is_the_endpoint_whatever_the_path(with_user):
    @with_user()
    async def counted(server, user, collector):
        await user.get("/orders/a-b-c", name="/orders/{slug}")
        await user.get("/u/6f1ed002-ab5c-4d5e-8f6a-1b2c3d4e5f60/x/77/")
        return endpoints(collector)

    assert counted == {"GET /orders/{slug}": (1, 0), "GET /u/{id}/x/{id}/": (1, 0)}


@pytest.mark.parametrize(("expect", "failed"), [(None, 1), (404, 0), ((200, 404), 0), (200, 1)])
def test_the_journey_may_say_which_status_is_a_success(with_user, expect, failed):
    @with_user(answer(404))
    async def counted(server, user, collector):
        await user.get("/gone", **({"expect": expect} if expect else {}))
        return endpoints(collector)

    assert counted == {"GET /gone": (1, failed)}


def test_a_timeout_can_be_set_for_one_request(with_user):
    @with_user("hang")
    async def response(server, user, collector):
        return await user.get("/", timeout=0.1)

    assert response.error == failures.TIMEOUT


def test_requests_of_one_user_can_run_side_by_side(with_user):
    @with_user()
    async def found(server, user, collector):
        responses = await asyncio.gather(user.get("/a"), user.get("/b"), user.get("/c"))
        return [response.status for response in responses], server.connections

    assert found == ([200, 200, 200], 3)


def test_another_host_is_refused_without_sending(with_user):
    @with_user()
    async def server(server, user, collector):
        with pytest.raises(ValueError, match="only talks to the application"):
            await user.get("http://example.com/")
        return server

    assert server.heads == []


def test_an_absolute_address_of_the_application_is_fine(with_user):
    @with_user()
    async def head(server, user, collector):
        first = await user.get("/a")
        await user.get(first.url)
        return server.heads[1]

    assert head.startswith(b"GET /a ")


def test_a_line_break_in_a_header_is_refused(with_user):
    @with_user()
    async def server(server, user, collector):
        with pytest.raises(ValueError, match="line break"):
            await user.get("/", headers={"x": "a\r\nb: c"})
        return server

    assert server.heads == []


def test_paths_are_quoted_once(with_user):
    @with_user()
    async def heads(server, user, collector):
        await user.get("/a b/ü%20c#part")
        return server.heads

    assert heads[0].startswith(b"GET /a%20b/%C3%BC%20c HTTP/1.1")


def test_state_is_kept_by_name_and_by_key(with_user):
    @with_user()
    async def user(server, user, collector):
        user.state.token = "t"
        assert user.state["token"] == "t"
        with pytest.raises(AttributeError, match=r"user\.state has no 'missing'"):
            _ = user.state.missing
        return user

    assert user.id == 1


def test_timings_are_split_as_k6_does(with_user):
    @with_user()
    async def timings(server, user, collector):
        for _ in range(3):
            await user.get("/")
        return collector.take().timings

    names = ["blocked", "connecting", "sending", "waiting", "receiving"]
    assert [timings[f"http_req_{name}"].count for name in names] == [3] * 5
    assert timings["http_req_connecting"].counts[0] == 2


def test_an_iteration_that_starts_late_makes_its_first_request_late_by_as_much(with_user):
    @with_user()
    async def found(server, user, collector):
        user._late_ns = 250_000_000
        first = await user.get("/")
        return first, await user.get("/")

    first, second = found
    assert first.issued_ns - first.intended_ns == 250_000_000
    assert second.issued_ns == second.intended_ns


def test_checks_metrics_and_groups_are_counted_where_a_load_runs(with_user):
    @with_user()
    async def stats(server, user, collector):
        script.attach(collector)
        assert check("held", 1) is True
        assert check("held", []) is False
        metric("cart_size", 3)
        with user.group("checkout"):
            await user.get("/")
        async with user.group("checkout"):
            await user.get("/")
        script.attach(None)
        return collector.take()

    assert [(each.name, each.passes, each.fails) for each in stats.checks] == [("held", 1, 1)]
    assert stats.timings["cart_size"].max == 3000
    assert stats.timings["group_duration"].count == 2
    assert stats.timings["group_duration{group:checkout}"].count == 2


def test_json_comes_back_as_it_was_sent(with_user):
    body = json.dumps([{"id": 1, "name": "ü"}]).encode()

    @with_user(answer(200, body=body))
    async def response(server, user, collector):
        return await user.get("/")

    assert response.json() == [{"id": 1, "name": "ü"}]
