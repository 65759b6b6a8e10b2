"""One request at a time: what an answer is, what happens again, and what it says in the application's output."""

import asyncio
import contextlib
import time

import pytest

from nineam.model import Chunk, Payload
from nineam.payloads.aim import aim_of_route
from nineam.payloads.alongside import Pace, alongside
from nineam.payloads.asking import Answer, Target, ask
from nineam.payloads.curl import curl
from nineam.payloads.found import Found, Trace
from nineam.payloads.ordinary import controls
from nineam.payloads.replay import Clock, examine, replay
from nineam.payloads.subject import Stranger
from nineam.payloads.trace import trace_of

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
BAD = b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"
END = b"\r\n\r\n"


def payload(**changes):
    usual = {"id": "1", "endpoint": "GET /x", "part": "query", "what": "wrong", "method": "GET", "path": "/x"}
    return Payload(**(usual | changes))


@contextlib.asynccontextmanager
async def server(answer):
    """Serve one request a connection; `answer` gets its bytes and gives what is written; None: nothing, for ever."""
    seen = []

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(END)
            seen.append(head)
            said = answer(head)
            if said is None:
                await reader.read(-1)
            writer.write(said or b"")
            await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", seen
    finally:
        listener.close()


def asked(said, **changes):
    async def run():
        async with server(lambda head: said) as (base, _):
            return await ask(Target(base, timeout_s=0.3), payload(**changes))

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "ending", "status"),
    [
        (OK, "answered", 200),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, "answered", 200),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", "answered", 200),
        (BAD, "answered", 500),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "answered", 204),
        (b"", "closed", 0),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", "cut short", 200),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", "cut short", 200),
        (b"220 mail.example ESMTP\r\n", "garbled", 0),
        (None, "silent", 0),
    ],
)
def test_every_way_to_answer_has_a_name(said, ending, status):
    answer = asked(said)
    assert (answer.ending, answer.status) == (ending, status)
    assert answer.failed(payload()) is not (ending == "answered" and status < 500)


def test_the_answer_to_a_head_has_no_body():
    assert asked(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", method="HEAD").ending == "answered"


def test_nobody_listens():
    async def run():
        async with server(lambda head: OK) as (base, _):
            pass
        return await ask(Target(base), payload())

    assert asyncio.run(run()).ending == "refused"


@pytest.mark.parametrize(
    ("answer", "changes", "fails"),
    [
        (Answer(status=501), {}, True),
        (Answer(status=501), {"also": (501,)}, False),
        (Answer(ending="closed"), {}, True),
        (Answer(ending="closed"), {"may_close": True}, False),
        (Answer(ending="silent"), {"may_close": True}, True),
        (Answer(status=503), {"may_close": True}, True),
        (Answer(status=422), {}, False),
    ],
)
def test_what_is_right_depends_on_what_was_sent(answer, changes, fails):
    assert answer.failed(payload(**changes)) is fails


def replayed(answer, payloads, base_path="", ordinary=()):
    async def run():
        async with server(answer) as (base, seen):
            clock = Clock(time.monotonic, time.monotonic(), 20)
            target = Target(base + base_path, (("authorization", "secret"),), 0.5)
            return await replay(target, payloads, ordinary, Stranger(), clock), seen

    return asyncio.run(run())


def test_what_fails_twice_is_reduced_and_what_fails_once_is_told():
    failed_once = set()

    def answer(head):
        if b"bad=1" in head:
            return BAD
        if b"odd=1" in head and not failed_once:
            failed_once.add(1)
            return BAD
        return OK

    bad = payload(id="1", query=("a=1", "bad=1", "c=3"), headers=(("x-note", "n"),))
    odd = payload(id="2", query=("odd=1",))
    found, _ = replayed(answer, [bad, odd, payload(id="3")])
    assert found.sent == 3
    assert [(each.smallest.query, each.smallest.headers, each.reduced) for each in found.failures] == [
        (("bad=1",), (), True)
    ]
    assert found.failures[0].reproduced == 2
    assert [each.payload.id for each in found.unsteady] == ["2"]


def test_many_requests_that_come_down_to_one_are_one_failure():
    def answer(head):
        return BAD if b"bad" in head else OK

    several = [
        payload(id=str(n), part=part, query=("bad", f"n={n}")) for n, part in enumerate(["query", "head", "body"])
    ]
    found, _ = replayed(answer, several)
    assert [(each.smallest.target, each.requests) for each in found.failures] == [("/x?bad", 3)]


def test_an_endpoint_whose_ordinary_request_fails_is_left_alone():
    ordinary = controls([aim_of_route("GET", "/x"), aim_of_route("POST", "/y")])
    assert [each.endpoint for each in ordinary] == ["GET /x"], "nobody knows an ordinary body of the other"
    found, seen = replayed(lambda head: BAD, [payload()], ordinary=ordinary)
    assert found.broken_anyhow == ("GET /x",)
    assert (found.sent, found.failures) == (0, ())
    assert len(seen) == 1


def test_where_ordinary_requests_are_refused_nothing_is_proven():
    denied = b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"
    ordinary = controls([aim_of_route("GET", "/x"), aim_of_route("GET", "/y")])
    found, _ = replayed(lambda head: denied, [payload()], ordinary=ordinary)
    assert found.refused == {"GET /x": 401, "GET /y": 401}
    assert found.got_nowhere
    partly, _ = replayed(lambda head: denied if b"/y" in head else OK, [payload()], ordinary=ordinary)
    assert partly.refused == {"GET /y": 401}
    assert not partly.got_nowhere


def test_a_login_and_the_path_of_the_address_go_with_every_request():
    found, seen = replayed(lambda head: OK, [payload(headers=(("authorization", "other"),))], base_path="/shop/")
    assert found.sent == 1
    assert seen[0].startswith(b"GET /shop/x HTTP/1.1\r\n")
    assert b"authorization: secret" in seen[0]
    assert b"other" not in seen[0]


def test_without_time_nothing_is_sent_and_that_is_said():
    async def run():
        async with server(lambda head: OK) as (base, seen):
            clock = Clock(time.monotonic, time.monotonic() - 100, 20)
            return await replay(Target(base), [payload()], (), Stranger(), clock), seen

    found, seen = asyncio.run(run())
    assert (found.sent, seen) == (0, [])
    assert found.left_out == ("1 requests were not sent: there was no time for them",)


def test_beside_other_load_a_set_is_sent_in_turn_and_what_failed_is_examined():
    left = iter(range(9))

    async def run():
        async with server(lambda head: BAD if b"bad" in head else OK) as (base, seen):
            made = [payload(id="1", query=("bad", "a=1")), payload(id="2")]
            pace = Pace(1000, lambda: next(left, None) is not None)
            clock = Clock(time.monotonic, time.monotonic(), 20)
            sent = await alongside(Target(base), made, pace)
            return sent, await examine(Target(base), sent.suspects, Stranger(), clock, Found()), seen

    sent, found, seen = asyncio.run(run())
    assert (sent.sent, sent.turned_away) == (9, 0)
    assert sum(b"bad" not in head for head in seen) >= 4
    assert [each.payload.id for each in sent.suspects] == ["1"]
    assert [(each.smallest.target, each.under_load, each.reproduced) for each in found.failures] == [
        ("/x?bad", True, 2)
    ]


def test_bugs_that_look_alike_from_outside_are_told_apart_by_what_they_come_down_to():
    def answer(head):
        return BAD if b"one" in head or b"two" in head else OK

    made = [payload(id=str(n), what=what, query=(what, f"n={n}")) for n, what in enumerate(["one", "two", "one"])]
    found, _ = replayed(answer, made)
    assert [(each.smallest.target, each.requests) for each in found.failures] == [("/x?one", 2), ("/x?two", 1)]


def test_a_raw_line_is_what_was_sent():
    import subprocess

    made = payload(method="POST", headers=(("content-length", "-1"),), body=(Chunk(b"ab", 3),))

    async def run():
        async with server(lambda head: BAD) as (base, seen):
            process = await asyncio.create_subprocess_shell(
                curl(made, base).replace("-m 10", "-m 2"), stdout=subprocess.PIPE, executable="/bin/bash"
            )
            said, _ = await process.communicate()
            return said, seen

    said, seen = asyncio.run(run())
    assert said.startswith(b"HTTP/1.1 500")
    assert b"content-length: -1\r\n" in seen[0]


TRACEBACK = """INFO:     127.0.0.1:1 - "GET / HTTP/1.1" 500
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/venv/lib/python3.11/site-packages/starlette/routing.py", line 9, in app
    await route(scope)
  File "/home/me/shop/views.py", line 31, in create
    return body["name"]
  File "/venv/lib/python3.11/site-packages/lib.py", line 2, in get
    raise KeyError(key)
KeyError: 'name'
""".splitlines()


def test_the_last_line_of_one_s_own_code_is_where_it_was():
    found = trace_of(TRACEBACK, "/home/me/shop")
    assert found == Trace(exception="KeyError: 'name'", where="views.py:31", function="create")


def test_a_traceback_that_is_not_complete_says_nothing_yet():
    assert trace_of(TRACEBACK[:-1], "/home/me/shop") is None
    assert trace_of(["nothing"], "/home/me/shop") is None


def test_without_a_line_of_one_s_own_it_is_where_it_was_raised():
    found = trace_of(TRACEBACK, "/elsewhere")
    assert found == Trace(exception="KeyError: 'name'", where="lib.py:2", function="get")


def test_endpoints_take_turns_so_that_none_is_left_alone():
    made = [payload(id=str(n), endpoint=f"GET /{n // 8}", path=f"/{n // 8}") for n in range(16)]
    found, seen = replayed(lambda head: OK, made)
    assert found.sent == 16
    first = {head.split()[1] for head in seen[:4]}
    assert first == {b"/0", b"/1"}


def test_without_anything_to_tell_them_apart_by_one_wrong_word_is_as_wrong_as_another():
    def answer(head):
        return BAD if b"?sort=" in head and b"sort=ok " not in head else OK

    made = [payload(id=value, what=value, query=(f"sort={value}",)) for value in ("abc", "xyz", "123", "%FF", "ok")]
    found, _ = replayed(answer, made)
    assert sum(each.requests for each in found.failures) == 4
    assert len(found.failures) <= 3
