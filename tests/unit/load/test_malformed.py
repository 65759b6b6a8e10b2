"""Whatever bytes come as an answer, a request ends with a status or a kind of error, never with an exception."""

import contextlib
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.load import failures
from nineam.load.http import Client, Lane, OnceLane
from nineam.load.response import AnswerError, Response
from nineam.load.wire import LARGEST_HEAD, Connection
from nineam.model import HttpOptions

PIECES = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 404 \r\n",
    b"HTTP/1.1 101 Switching\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\n",
    b"HTTP/2 200\r\n",
    b"HTTP/1.1 999 X\r\n",
    b"HTTP/1.1 204 No\r\n",
    b"ICY 200 OK\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"content-length: -1\r\n",
    b"content-length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"transfer-encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"Upgrade: websocket\r\n",
    b"Connection: upgrade\r\n",
    b"Keep-Alive: timeout=5\r\n",
    b"Keep-Alive: timeout=\xff\r\n",
    b"Set-Cookie: a=b; Expires=x\r\n",
    b"Content-Encoding: gzip\r\n",
    b"X: \x00\r\n",
    b": no name\r\n",
    b" folded\r\n",
    b"\r\n",
    b"hello",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffffff\r\n",
    b"zz\r\n",
    b"\n",
    b"\r",
    b"\x00\xff\xfe",
]
ANSWERS = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=12).map(b"".join)


class Wire:
    """A transport that goes nowhere."""

    def __init__(self):
        self.closed = False

    def get_extra_info(self, name):
        return self if name == "ssl_object" else None

    def is_closing(self):
        return self.closed

    def write(self, data):
        pass

    def abort(self):
        self.closed = True


def split(data, cuts):
    at = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(at)]


def answered(method, parts, *, lost=None, once=False):
    """What becomes of a request that gets these bytes, and then the end of the connection."""
    client = Client("http://127.0.0.1:1", options=HttpOptions(no_connection_reuse=once))
    lane = (OnceLane if once else Lane)(client)
    connection = lane.connection(lane)
    wire = Wire()
    connection.connection_made(wire)
    ends = []
    now = time.perf_counter_ns()
    response = Response(client.build(method, "/"), now, now, now, ends.append)
    connection.start(response)
    for part in parts:
        if not wire.closed:
            connection.data_received(part)
    connection.connection_lost(lost)
    assert ends == [response], "it ends once"
    return response


@settings(max_examples=600, deadline=None)
@given(
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    data=ANSWERS,
    cuts=st.lists(st.integers(0, 400), max_size=8),
    lost=st.sampled_from([None, ConnectionResetError(104, "reset")]),
    once=st.booleans(),
)
def test_any_bytes_end_in_a_status_or_an_error(method, data, cuts, lost, once):
    response = answered(method, split(data, cuts), lost=lost, once=once)
    assert bool(response.status) != bool(response.error)
    assert response.status in (0, 101) or 200 <= response.status < 1000
    assert response.end_ns >= response.sent_ns
    assert isinstance(response.text if not response.mentions()[1] else "", str)
    assert len(response.headers) >= 0
    for look in (lambda: response.content, response.json):
        with contextlib.suppress(AnswerError):
            look()


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200), cuts=st.lists(st.integers(0, 300), max_size=10), chunked=st.booleans())
def test_a_right_answer_is_right_wherever_it_is_split(body, cuts, chunked):
    frame = b"transfer-encoding: chunked" if chunked else b"content-length: %d" % len(body)
    content = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n" if chunked else body
    data = b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\n%b\r\n\r\n%b" % (frame, content)
    response = answered("GET", split(data, cuts))
    assert (response.status, response.error, response.body) == (200, "", body)
    assert response.mentions() == (True, False)
    assert response.headers["set-cookie"] == "a=1"


def test_a_head_without_end_is_given_up():
    parts = [b"HTTP/1.1 200 OK\r\n"] + [b"x-filler: %b\r\n" % (b"y" * 50_000)] * (LARGEST_HEAD // 50_000 + 1)
    assert answered("GET", parts).error == failures.HEAD_TOO_LARGE


@pytest.mark.parametrize(("lost", "kind"), [(None, failures.CLOSED), (ConnectionResetError(104, ""), failures.RESET)])
def test_no_bytes_at_all_are_told_by_how_the_connection_ended(lost, kind):
    assert answered("GET", [], lost=lost).error == kind


def test_bytes_to_an_idle_connection_close_it():
    lane = Lane(Client("http://127.0.0.1:1"))
    connection = Connection(lane)
    connection.connection_made(Wire())
    connection.data_received(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert not connection.open
