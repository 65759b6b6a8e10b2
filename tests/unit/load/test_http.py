import asyncio
import gzip
import socket
import time

import pytest

from nineam.errors import UsageError
from nineam.load import failures
from nineam.load.http import Client, Lane
from nineam.load.response import AnswerError, Response

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"


def one_byte_at_a_time(data):
    return [bytes([byte]) for byte in data]


@pytest.mark.parametrize(
    ("move", "status", "body"),
    [
        (OK, 200, b"ok"),
        (CHUNKED, 200, b"abcdefg"),
        (one_byte_at_a_time(OK), 200, b"ok"),
        (one_byte_at_a_time(CHUNKED), 200, b"abcdefg"),
        (("close", b"HTTP/1.1 200 OK\r\n\r\nuntil the end"), 200, b"until the end"),
        (("close", b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold"), 200, b"old"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"ok"),
        ([b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", OK], 200, b"ok"),
        (b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", 500, b""),
        (b"HTTP/1.1 599 \r\ncontent-length: 0\r\n\r\n", 599, b""),
    ],
)
def test_every_framing_of_an_answer_is_understood(against, ask, move, status, body):
    @against(move)
    async def response(server, client, lane):
        return await ask(client, lane)

    assert (response.status, response.error, response.content) == (status, "", body)


@pytest.mark.parametrize(
    ("moves", "error"),
    [
        ([b"SSH-2.0-OpenSSH_9.6\r\n"], failures.MALFORMED),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n"], failures.MALFORMED),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n"], failures.MALFORMED),
        ([None], failures.CLOSED),
        ([("close", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")], failures.CUT_SHORT),
        ([("close", b"HTTP/1.1 200")], failures.CUT_SHORT),
        ([("close", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")], failures.CUT_SHORT),
    ],
)
def test_a_broken_answer_is_a_failed_response_and_no_exception(against, ask, moves, error):
    @against(*moves)
    async def response(server, client, lane):
        return await ask(client, lane)

    assert (response.status, response.error, response.failed) == (0, error, True)


def test_a_refused_connection_is_a_failed_response(ask):
    async def main():
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            client = Client(f"http://127.0.0.1:{unused.getsockname()[1]}")
            return await ask(client, Lane(client))

    response = asyncio.run(main())
    assert (response.status, response.error) == (0, failures.REFUSED)
    assert response.end_ns > response.issued_ns
    assert response.blocked_ns > 0


def test_a_name_that_does_not_exist_is_a_failed_response(ask):
    async def main():
        client = Client("http://no-such-host.invalid:80")
        return await ask(client, Lane(client))

    error = asyncio.run(main()).error
    assert error in (f"{failures.NO_NAME}: no-such-host.invalid", failures.TIMEOUT)


def test_a_silent_server_is_a_timeout_that_lasted_as_long_as_it_lasted(against, ask):
    @against("hang")
    async def response(server, client, lane):
        return await ask(client, lane, timeout_s=0.2)

    assert (response.status, response.error) == (0, failures.TIMEOUT)
    assert 200_000_000 <= response.end_ns - response.issued_ns < 5_000_000_000


def test_a_connection_is_kept_and_used_again(against, ask):
    @against()
    async def server(server, client, lane):
        for _ in range(5):
            assert (await ask(client, lane)).status == 200
        return server

    assert (server.connections, len(server.heads)) == (1, 5)


def test_the_first_request_waits_for_its_connection_and_later_ones_do_not(against, ask):
    @against()
    async def responses(server, client, lane):
        return [await ask(client, lane) for _ in range(2)]

    first, second = responses
    assert first.blocked_ns >= first.connecting_ns > 0
    assert second.blocked_ns == second.connecting_ns == 0


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_a_connection_that_the_answer_ends_is_not_used_again(against, ask, answer):
    @against(answer, answer)
    async def server(server, client, lane):
        for _ in range(2):
            assert (await ask(client, lane)).content == b"ok"
        return server

    assert server.connections == 2


def test_a_stale_connection_is_retried_once_on_a_new_one(against, ask):
    @against(OK, None, OK)
    async def found(server, client, lane):
        first = await ask(client, lane)
        return first, await ask(client, lane), server

    first, second, server = found
    assert (first.status, second.status, second.retried, server.connections) == (200, 200, True, 2)


def test_a_connection_that_also_closes_on_the_retry_is_a_failure(against, ask):
    @against(OK, None, None)
    async def found(server, client, lane):
        await ask(client, lane)
        return await ask(client, lane), server

    response, server = found
    assert (response.error, len(server.heads)) == (failures.CLOSED, 3)


def test_a_request_is_not_repeated_once_a_byte_of_its_answer_arrived(against, ask):
    @against(OK, ("close", b"HTTP/1.1 2"), OK)
    async def found(server, client, lane):
        await ask(client, lane)
        return await ask(client, lane, "POST", data=b"x"), server

    response, server = found
    assert (response.error, len(server.heads)) == (failures.CUT_SHORT, 2)


def test_a_head_request_expects_no_body_and_keeps_the_connection(against, ask):
    @against(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", OK)
    async def found(server, client, lane):
        head = await ask(client, lane, "HEAD")
        return head, await ask(client, lane), server

    head, get, server = found
    assert (head.status, head.content, head.headers["content-length"]) == (200, b"", "1000")
    assert (get.content, server.connections) == (b"ok", 1)


def test_bytes_nobody_asked_for_close_the_connection(against, ask):
    @against(OK + OK, OK)
    async def found(server, client, lane):
        first = await ask(client, lane)
        return first, await ask(client, lane), server

    first, second, _ = found
    assert (first.content, second.status) == (b"ok", 200)


def test_headers_are_read_in_any_case_and_repeated_ones_are_joined(against, ask):
    @against(b"HTTP/1.1 200 OK\r\nX-Thing: a\r\nx-thing: b\r\nCONTENT-LENGTH: 0\r\n\r\n")
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.headers["X-thing"] == "a, b"
    assert "Content-Length" in response.headers
    assert response.headers.get("absent") is None


def test_headers_after_an_interim_answer_are_those_of_the_answer(against, ask):
    @against(b"HTTP/1.1 103 Early Hints\r\nx-a: 1\r\n\r\nHTTP/1.1 200 OK\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n")
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.headers["x-a"] == "2"


def test_a_compressed_body_is_decompressed_when_asked_for(against, ask):
    body = gzip.compress('{"name": "Zürich"}'.encode())
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    @against(answer)
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.body == body
    assert response.json() == {"name": "Zürich"}
    assert response.text == '{"name": "Zürich"}'


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (b"content-type: text/html; charset=latin-1\r\n", "Zürich".encode("latin-1"), "Zürich"),
        (b'content-type: text/html; charset="utf-8"\r\n', "Zürich".encode(), "Zürich"),
        (b"content-type: text/html; charset=no-such-charset\r\n", b"plain", "plain"),
        (b"", b"\xff", "\ufffd"),
    ],
)
def test_text_uses_the_charset_that_the_answer_names(against, ask, head, body, expected):
    @against(b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body))
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.text == expected


def test_json_of_something_else_says_what_came_instead(against, ask):
    @against(b"HTTP/1.1 500 Oh\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>")
    async def response(server, client, lane):
        return await ask(client, lane, path="/api/orders/7")

    with pytest.raises(AnswerError, match=r"GET /api/orders/\{id\} answered 500 text/html \(6 bytes\) where JSON"):
        response.json()


def test_json_of_no_answer_says_why_there_is_none(against, ask):
    @against(None)
    async def response(server, client, lane):
        return await ask(client, lane)

    with pytest.raises(AnswerError, match="got no answer"):
        response.json()


def test_instants_are_in_order_and_bytes_are_counted(against, ask):
    @against([b"HTTP/1.1 200 OK\r\n", b"Content-Length: 2\r\n\r\n", b"ok"])
    async def found(server, client, lane):
        return await ask(client, lane), server

    response, server = found
    assert response.issued_ns <= response.sent_ns <= response.first_ns <= response.end_ns <= time.perf_counter_ns()
    assert response.bytes_sent == len(server.heads[0])
    assert response.bytes_received == len(OK)


def test_a_marked_request_carries_the_instant_of_its_send(against, ask):
    @against()
    async def found(server, client, lane):
        response = await ask(client, lane)
        client.mark_requests = False
        await ask(client, Lane(client))
        return response, server.heads

    response, (marked, plain) = found
    assert b"\r\nx-nineam-sent: %d\r\n\r\n" % response.sent_ns in marked
    assert b"x-nineam-sent" not in plain


def test_a_large_body_is_sent_whole(against, ask):
    body = bytes(range(256)) * 20_000

    @against()
    async def found(server, client, lane):
        return await ask(client, lane, "POST", data=body), server.bodies[0]

    response, received = found
    assert response.status == 200
    assert received == body


def test_a_large_answer_is_received_whole(against, ask):
    body = bytes(range(256)) * 20_000

    @against(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.content == body


def test_interrupting_fails_what_is_under_way_and_closes_it(against, ask):
    @against("hang")
    async def found(server, client, lane):
        asking = asyncio.ensure_future(ask(client, lane))
        await server.arrived.wait()
        assert client.in_flight() == 1
        client.interrupt(failures.INTERRUPTED)
        return await asking, client

    response, client = found
    assert (response.status, response.error) == (0, failures.INTERRUPTED)
    assert response.elapsed_ms > 0
    assert not client.connections


def test_the_last_connection_used_is_the_first_used_again(against, ask):
    @against()
    async def order(server, client, lane):
        await asyncio.gather(*(ask(client, lane) for _ in range(3)))
        last = lane.idle[-1]
        await ask(client, lane)
        return last, lane.idle[-1], len(lane.idle)

    last, again, idle = order
    assert last is again
    assert idle == 3


def test_localhost_finds_a_server_that_listens_on_either_family(ask):
    async def main(family, address):
        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)

        listener = await asyncio.start_server(serve, address, 0, family=family)
        client = Client(f"http://localhost:{listener.sockets[0].getsockname()[1]}")
        response = await ask(client, Lane(client))
        listener.close()
        return response

    assert asyncio.run(main(socket.AF_INET, "127.0.0.1")).status == 200
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
            socket.getaddrinfo("localhost", 80, socket.AF_INET6)
        except OSError:
            pytest.skip("no IPv6 localhost here")
    assert asyncio.run(main(socket.AF_INET6, "::1")).status == 200


@pytest.mark.parametrize("url", ["ftp://localhost", "http://", "http://host:notaport", "", "http://[::1"])
def test_an_address_that_is_none_is_a_usage_error(url):
    with pytest.raises(UsageError, match="is not an http:// or https:// address"):
        Client(url)


def test_what_counts_as_failed_follows_k6_unless_the_journey_expects_otherwise(against, ask):
    def verdict(status, expect=None):
        response = Response(None, 0, 0, 0, print)
        response.status, response.expect = status, expect
        return response.failed

    assert [verdict(status) for status in (0, 199, 200, 302, 399, 400, 404, 500)] == [
        True, True, False, False, False, True, True, True,
    ]  # fmt: skip
    assert (verdict(404, {404}), verdict(200, {404})) == (False, True)
