"""Where redirects lead: round in circles, elsewhere, or nowhere at all."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nineam.load import failures
from nineam.load.target import parse_target

LOOP = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
SLOW_LOOP = LOOP.replace(b"Content-Length: 0", b"Content-Length: 9")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def move(location):
    return b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location


def counted(collector):
    return {each.name: each for each in collector.take().endpoints}


@pytest.mark.parametrize("location", [b"http://[bad/", b"http://127.0.0.1:x/", b"http://127.0.0.1:99999/", b"//[", b""])
@pytest.mark.parametrize(("options", "error"), [({}, ""), ({"expect": 200}, "expected 200, got 302")])
def test_an_address_that_is_none_is_not_followed_and_the_request_counts(with_user, location, options, error):
    @with_user(*[move(location)] * 20)
    async def found(server, user, collector):
        response = await asyncio.wait_for(user.get("/x", redirects=1, **options), 5)
        return response, counted(collector)["GET /x"], user._in_flight

    response, endpoint, in_flight = found
    assert (response.status, response.error, in_flight) == (302, error, 0)
    assert endpoint.requests >= 1
    assert endpoint.failed == bool(error)


def test_an_expectation_that_cannot_be_judged_still_lets_the_journey_go_on(with_user):
    class Exit(BaseException):
        pass

    def leave(response):
        raise Exit

    @with_user()
    async def found(server, user, collector):
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        response = await asyncio.wait_for(user.get("/x", expect=leave), 5)
        return response.status, counted(collector)["GET /x"].requests

    assert found == (200, 1)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(location=st.text(alphabet=st.characters(max_codepoint=255)) | st.from_regex(r"(?i)(https?:)?//127\.0\.0\.1.*"))
def test_whatever_a_location_says_it_is_an_address_here_or_none(location):
    target = parse_target("http://127.0.0.1:8000")
    url = target.reached("http://127.0.0.1:8000/a/b?c", location)
    assert url is None or url.startswith("http://127.0.0.1:8000/")


@pytest.mark.parametrize(
    ("base", "url", "path"),
    [
        ("http://shop.test", "HTTP://Shop.TEST:80/a?b=1#c", "/a?b=1"),
        ("https://shop.test:443", "https://SHOP.test", "/"),
        ("http://shop.test:8000", "http://shop.test:8000?b", "/?b"),
        ("http://[::1]:8000", "http://[0::1]:8000/", None),
        ("http://[::1]:8000", "http://[::1]:8000/a", "/a"),
        ("http://shop.test", "http://shop.test:8000/a", None),
        ("http://shop.test", "https://shop.test/a", None),
        ("http://shop.test", "http://shop.test.evil/a", None),
        ("http://shop.test:80", "http://shop.test:8000/a", None),
        ("http://shop.test", "/a", None),
    ],
)
def test_an_origin_is_the_same_however_it_is_spelled(base, url, path):
    assert parse_target(base).path_of(url) == path


def test_an_origin_in_capitals_is_followed(with_user):
    @with_user(b"")
    async def found(server, user, collector):
        port = user._engine.client.target.port
        server.moves[:] = [move(b"HTTP://127.0.0.1:%d/There?a=b" % port), OK]
        return await user.get("/x"), server.heads[1]

    response, head = found
    assert response.status == 200
    assert head.startswith(b"GET /There?a=b HTTP/1.1\r\n")


@pytest.mark.parametrize("options", [{}, {"expect": 200}, {"tags": {"kind": "odd"}}])
def test_one_redirect_too_many_is_counted_as_the_failure_that_it_is(with_user, options):
    @with_user(*[LOOP] * 20)
    async def found(server, user, collector):
        response = await user.get("/x", **options)
        stats = collector.take()
        return response, stats.endpoints[0], stats.rates

    response, endpoint, rates = found
    assert (response.status, response.error, response.failed) == (0, failures.TOO_MANY_REDIRECTS, True)
    assert (endpoint.requests, endpoint.failed, endpoint.statuses) == (11, 1, {"302": 10})
    assert endpoint.errors == {failures.TOO_MANY_REDIRECTS: 1}
    if "tags" in options:
        assert rates["http_req_failed{kind:odd}"].passes == 1


@pytest.mark.parametrize("answers", [[LOOP] * 20, [[SLOW_LOOP]] * 20], ids=["whole", "bodies to come"])
def test_streams_count_redirects_likewise(with_user, answers):
    @with_user(*answers)
    async def found(server, user, collector):
        async with user.stream("GET", "/x") as response:
            body = await response.read()
        return response, body, counted(collector)["GET /x"], len(server.heads), user._in_flight

    response, body, endpoint, requests, in_flight = found
    assert (response.status, response.error, body, in_flight) == (0, failures.TOO_MANY_REDIRECTS, b"", 0)
    assert (requests, endpoint.requests, endpoint.failed, endpoint.statuses) == (11, 11, 1, {"302": 10})


def test_so_many_hops_that_are_wished_for_are_no_failure(with_user):
    @with_user(*[LOOP] * 12, OK)
    async def found(server, user, collector):
        response = await user.get("/x", redirects=20)
        return response.status, counted(collector)["GET /x"].failed

    assert found == (200, 0)
