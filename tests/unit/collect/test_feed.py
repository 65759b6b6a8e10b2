"""The controller's end of the agents' socket."""

import asyncio
import json
import stat
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from nineam.agent import wire
from nineam.collect.feed import LARGEST_FRAME, Feed

books: Any = import_module("nineam.agent.request")
pack: Any = import_module("nineam.agent.recorder").pack


def frame(kind, value):
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    return wire.FRAME.pack(len(payload), kind) + payload


def one_request(endpoint=3, layer=9):
    request = books.Request("GET", 0)
    request.endpoint = endpoint
    request.enter(layer)
    request.leave(layer)
    return pack(request, request.finish())


class Sunk(list):
    """A sink that remembers."""

    def __call__(self, process, kind, value):
        self.append((process, kind, value))


@asynccontextmanager
async def listening():
    """A feed, its sink, and what the event loop complained about."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    with TemporaryDirectory(prefix="nineam-test-") as directory:
        sink = Sunk()
        feed = Feed(Path(directory), sink)
        await feed.start()
        try:
            yield feed, sink, complaints
        finally:
            await feed.stop()


async def speak(feed, *frames):
    """Say something and wait until the feed has hung up (or has read it all)."""
    reader, writer = await asyncio.open_unix_connection(feed.path)
    with suppress(ConnectionError):
        for part in frames:
            writer.write(part)
        await writer.drain()
        writer.write_eof()
        await reader.read()
    writer.close()


def hello(feed, **more):
    return frame(wire.HELLO, {"token": feed.token, "pid": 42, **more})


def said_to_a_feed(*frames, greet=True):
    """What reaches the sink, and what the event loop had to complain about."""

    async def main():
        async with listening() as (feed, sink, complaints):
            await speak(feed, *([hello(feed)] if greet else []), *frames)
            return list(sink), complaints

    return asyncio.run(main())


def test_an_agent_with_the_token_is_heard():
    sunk, _ = said_to_a_feed(
        frame(wire.DEFINE, ["endpoint", 3, "GET /x"]), frame(wire.DEFINE, ["layer", 9, "view"]),
        frame(wire.REQUESTS, one_request() + one_request()),
    )  # fmt: skip
    assert [(process, kind) for process, kind, _ in sunk] == [
        (42, wire.HELLO),
        (42, wire.REQUESTS),
        (42, wire.REQUESTS),
    ]
    request = sunk[1][2]
    assert request.endpoint == "GET /x"
    assert set(request.layers) == {"unattributed", "view"}
    assert sum(request.layers.values()) == request.total_ns


def test_names_are_each_agent_s_own():
    async def main():
        async with listening() as (feed, sink, _):
            for name in ("GET /a", "GET /b"):
                await speak(
                    feed, hello(feed), frame(wire.DEFINE, ["endpoint", 3, name]), frame(wire.REQUESTS, one_request())
                )
            return [value.endpoint for _, kind, value in sink if kind == wire.REQUESTS]

    assert asyncio.run(main()) == ["GET /a", "GET /b"]


def test_a_number_that_nobody_defined_is_shown_as_such():
    sunk, _ = said_to_a_feed(frame(wire.REQUESTS, one_request(endpoint=77)))
    assert sunk[-1][2].endpoint == "#77"


def test_a_look_at_a_held_loop_comes_with_its_names():
    names = [["endpoint", 1, "GET /x"], ["layer", 9, "view"], ["site", 4, "a.py:3:f"]]
    look = {"at_ns": 1, "ms": 30.0, "endpoint": 1, "layer": 9, "site": 4, "call": "sleep", "line": "sleep(1)"}
    sunk, _ = said_to_a_feed(*(frame(wire.DEFINE, name) for name in names), frame(wire.BLOCKED, look))
    assert sunk[-1][2] == {**look, "endpoint": "GET /x", "layer": "view", "site": "a.py:3:f"}


@pytest.mark.parametrize("token", ["", "wrong", None, 7, ["x"], "tökén", "\ud800"], ids=repr)
def test_a_wrong_token_is_refused_without_a_word(token):
    sunk, complaints = said_to_a_feed(
        frame(wire.HELLO, {"token": token, "pid": 1}), frame(wire.REQUESTS, one_request()), greet=False
    )
    assert (sunk, complaints) == ([], [])


def test_whoever_does_not_begin_with_a_hello_is_refused():
    sunk, complaints = said_to_a_feed(frame(wire.REQUESTS, one_request()), greet=False)
    assert (sunk, complaints) == ([], [])


GARBAGE = {
    "not JSON": frame(wire.GAUGES, b"\xff\xfe"),
    "an unknown kind that is not JSON": frame(250, b"{"),
    "half a frame": wire.FRAME.pack(100, wire.GAUGES) + b"{",
    "half a head": b"\x01",
    "a name of no kind": frame(wire.DEFINE, ["nonsense", 1, "x"]),
    "a name of three numbers": frame(wire.DEFINE, [1, 2, 3]),
    "a name that is no list": frame(wire.DEFINE, 5),
    "a name of five parts": frame(wire.DEFINE, ["layer", 1, "x", 2, 3]),
    "a name whose kind is a list": frame(wire.DEFINE, [["layer"], 1, "x"]),
    "requests cut off": frame(wire.REQUESTS, one_request()[:-1]),
    "a held loop without its places": frame(wire.BLOCKED, {"at_ns": 1}),
    "a held loop that is a list": frame(wire.BLOCKED, [1]),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_ends_the_conversation_and_what_came_before_stands(garbage):
    sunk, complaints = said_to_a_feed(frame(wire.REQUESTS, one_request()), garbage, frame(wire.REQUESTS, one_request()))
    assert [kind for _, kind, _ in sunk] == [wire.HELLO, wire.REQUESTS]
    assert complaints == []


@pytest.mark.parametrize("value", [[1], 5, None, "x", {"token": True}, {"pid": 1}], ids=repr)
def test_a_hello_of_the_wrong_shape_is_refused_without_a_word(value):
    sunk, complaints = said_to_a_feed(frame(wire.HELLO, value), greet=False)
    assert (sunk, complaints) == ([], [])


@pytest.mark.parametrize("pid", [None, "x", [1]], ids=repr)
def test_a_process_number_that_is_none_is_refused_without_a_word(pid):
    async def main():
        async with listening() as (feed, sink, complaints):
            await speak(feed, hello(feed, pid=pid))
            return list(sink), complaints

    assert asyncio.run(main()) == ([], [])


def test_an_oversize_frame_is_refused_before_it_is_read():
    sunk, complaints = said_to_a_feed(
        wire.FRAME.pack(LARGEST_FRAME + 1, wire.REQUESTS), frame(wire.REQUESTS, one_request())
    )
    assert [kind for _, kind, _ in sunk] == [wire.HELLO]
    assert complaints == []


def test_one_bad_agent_does_not_disturb_another():
    async def main():
        async with listening() as (feed, sink, _):
            await speak(feed, hello(feed), GARBAGE["not JSON"])
            await speak(feed, hello(feed), frame(wire.REQUESTS, one_request()))
            return [kind for _, kind, _ in sink]

    assert asyncio.run(main()) == [wire.HELLO, wire.HELLO, wire.REQUESTS]


def test_only_this_user_can_reach_the_socket():
    async def main():
        async with listening() as (feed, _, _):
            return stat.S_IMODE(feed.path.stat().st_mode)

    assert asyncio.run(main()) == 0o600


def test_stopping_removes_the_socket():
    async def main():
        async with listening() as (feed, _, _):
            await feed.stop()
            return feed.path.exists()

    assert asyncio.run(main()) is False


def test_every_feed_has_a_token_of_its_own(tmp_path):
    assert Feed(tmp_path, Sunk()).token != Feed(tmp_path, Sunk()).token
