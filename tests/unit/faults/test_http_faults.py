"""HTTP faults: only requests to the path, only while they are applied, and nothing that is not HTTP."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nineam.faults.client import FaultProxy
from nineam.model.fault import Upstream

LIMIT_S = 20.0


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.command, self.path))
        size = int(self.headers.get("content-length", 0))
        body = b"%d bytes to " % len(self.rfile.read(size)) + self.path.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_HEAD = do_GET  # noqa: N815 - http.server calls them so

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def shared(shop):
    with FaultProxy.start([Upstream(name="shop", host="127.0.0.1", port=shop.server_port)]) as found:
        yield found


@pytest.fixture
def proxy(shared, shop):
    shop.seen.clear()
    yield shared
    shared.heal()


@pytest.fixture
def connect(proxy):
    opened = []

    def begin():
        opened.append(http.client.HTTPConnection("127.0.0.1", proxy.ports["shop"], timeout=LIMIT_S))
        return opened[-1]

    yield begin
    for each in opened:
        each.close()


def ask(connection, path, method="GET", body=None, headers=None):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read(), answer


def test_a_status_is_answered_on_living_and_new_connections_in_place_of_the_dependency(proxy, connect, shop):
    living = connect()
    assert ask(living, "/rates")[0] == 200
    proxy.apply("http_status", {"status": 429, "retry_after": 7})
    for each in (living, connect()):
        for _ in range(2):
            status, body, answer = ask(each, "/rates")
            assert (status, body, answer.headers["retry-after"]) == (429, b"injected by nineam\n", "7")
    assert shop.seen == [("GET", "/rates")]
    (count,) = proxy.heal()
    assert (count.times, count.connections) == (4, 2)
    assert ask(living, "/rates")[:2] == (200, b"0 bytes to /rates")


def test_another_status_takes_the_place_of_the_first_on_a_living_connection(proxy, connect):
    living = connect()
    for status in (503, 429, 500):
        proxy.apply("http_status", {"status": status})
        before = proxy.counts()[0].flights_up
        assert [ask(living, "/")[0] for _ in range(3)] == [status] * 3
        assert proxy.counts()[0].flights_up - before == 3


def test_only_the_path_and_the_method_are_hit_on_one_connection(proxy, connect):
    proxy.apply("http_status", {"path": "/v1/*", "method": "post"})
    living = connect()
    assert ask(living, "/v1/pay?currency=EUR", "POST", b"x" * 300_000)[0] == 503
    assert ask(living, "/v1/pay")[:2] == (200, b"0 bytes to /v1/pay")
    assert ask(living, "/health/v1/", "POST", b"x" * 300_000)[:2] == (200, b"300000 bytes to /health/v1/")
    assert ask(living, "/v1/pay", "POST")[0] == 503


@pytest.mark.parametrize(("method", "status", "size"), [("HEAD", 503, 0), ("GET", 204, 0), ("GET", 599, 19)])
def test_an_answer_without_a_body_leaves_the_connection_usable(proxy, connect, method, status, size):
    proxy.apply("http_status", {"status": status, "path": "/rates"})
    living = connect()
    assert ask(living, "/rates", method)[:2] == (status, b"injected by nineam\n"[:size])
    assert ask(living, "/other")[0] == 200


def test_a_connection_that_was_to_be_closed_is(proxy, connect):
    proxy.apply("http_status")
    living = connect()
    status, _, answer = ask(living, "/", headers={"connection": "close"})
    assert (status, answer.headers["connection"]) == (503, "close")
    assert living.sock is None


def test_a_share_of_the_requests_is_hit(proxy, connect):
    proxy.apply("http_status", {"share": 0.5})
    living = connect()
    assert {ask(living, "/")[0] for _ in range(40)} == {200, 503}
    proxy.apply("http_status", {"share": 0})
    assert {ask(living, "/")[0] for _ in range(5)} == {200}


def test_a_fault_applied_in_the_middle_of_a_request_waits_for_the_next_one(proxy, connect, eventually):
    living, (before,) = connect(), proxy.counts()
    living.putrequest("POST", "/upload")
    living.putheader("content-length", "42")
    living.endheaders(b"GET /rates HTTP/1.1\r\n")
    eventually(lambda: proxy.counts()[0].bytes_up - before.bytes_up > len("GET /rates HTTP/1.1"))
    proxy.apply("http_status")
    living.send(b"host: not a request\r\n")
    answer = living.getresponse()
    assert (answer.status, answer.read()) == (200, b"42 bytes to /upload")
    assert ask(living, "/rates")[0] == 503


@pytest.mark.parametrize("after", ["headers", "request"])
def test_an_answer_hangs_until_it_is_healed(proxy, connect, after):
    living, other = connect(), connect()
    assert ask(living, "/rates")[0] == 200
    proxy.apply("http_hang", {"after": after, "path": "/rates"})
    living.request("GET", "/rates")
    assert ask(other, "/health")[0] == 200
    if after == "headers":
        answer = living.getresponse()
        assert answer.status == 200
    living.sock.settimeout(0.1)
    with pytest.raises(TimeoutError):
        living.sock.recv(1)
    assert proxy.counts()[0].fault("http_hang").connections == 1
    proxy.heal()
    living.sock.settimeout(LIMIT_S)
    if after == "headers":
        assert living.sock.recv(100) == b"0 bytes to /rates"
    else:
        assert living.getresponse().read() == b"0 bytes to /rates"


def test_what_is_not_http_passes_untouched(proxy, shop):
    import socket

    proxy.apply("http_status")
    with socket.create_connection(("127.0.0.1", proxy.ports["shop"]), LIMIT_S) as stranger:
        stranger.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\n")
        received = b""
        while piece := stranger.recv(1000):
            received += piece
    assert b"400" in received
    assert b"injected" not in received
    assert proxy.counts()[0].fault("http_status").times == 0
