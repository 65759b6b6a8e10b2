"""Reducing keeps the failure and leaves nothing in that could go."""

import asyncio
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.model import Chunk, Payload
from nineam.payloads.ddmin import ddmin
from nineam.payloads.reduce import Reducer
from nineam.payloads.reduce_json import smallest
from nineam.payloads.runs import Run, fewest, joined
from nineam.payloads.values import json_text, places, without

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)


def payload(**changes):
    usual = {"id": "1", "endpoint": "POST /x", "part": "body", "what": "wrong", "method": "POST", "path": "/x"}
    return Payload(**(usual | changes))


def reduced(start, fails, **options):
    asked = []

    async def does(candidate):
        asked.append(candidate)
        return fails(candidate)

    reducer = Reducer(start, does, **options)
    complete = asyncio.run(reducer.run())
    return reducer.best, complete, len(asked)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.sets(st.integers(0, 20), max_size=3))
def test_what_is_left_of_a_sequence_still_does_it_and_no_item_of_it_can_go(items, needed):
    async def does(kept):
        return needed & set(items) <= set(kept)

    left = asyncio.run(ddmin(tuple(items), does))
    assert asyncio.run(does(left))
    assert all(not asyncio.run(does(left[:at] + left[at + 1 :])) for at in range(len(left)))


def occurs(needle, value):
    """Whether a value stands somewhere in a JSON value."""
    if json_text(value) == json_text(needle):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(occurs(needle, each) for each in inner)


@settings(max_examples=60)
@given(JSON, st.data())
def test_the_smallest_json_still_does_it_and_no_field_of_it_can_go(value, data):
    everywhere = [value, *(at(value, place) for place in places(value))]
    needle = data.draw(st.sampled_from(everywhere))

    async def does(candidate):
        return occurs(needle, candidate)

    left = asyncio.run(smallest(value, does))
    assert occurs(needle, left)
    for place in places(left):
        assert not occurs(needle, without(left, place))


def at(value, place):
    for step in place:
        value = value[step]
    return value


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["1", "22", "%00x"])), max_size=5),
    st.lists(st.sampled_from(["p=1", "q=%ED%A0%80", "r=", "p=99999"]), max_size=4),
    JSON,
    st.data(),
)
def test_the_smallest_request_fails_and_nothing_single_can_be_left_out(headers, query, body, data):
    start = payload(headers=tuple(headers), query=tuple(query), body=(Chunk(json.dumps(body).encode()),))
    header = data.draw(st.sampled_from([*headers, None]))
    piece = data.draw(st.sampled_from([*query, None]))
    name = data.draw(st.sampled_from(["", "b"]))

    def fails(candidate):
        fine = header is None or header in candidate.headers
        fine = fine and (piece is None or piece in candidate.query)
        return fine and name in candidate.content.decode()

    if not fails(start):
        return
    best, complete, _ = reduced(start, fails, tries=10_000)
    assert complete
    assert fails(best)
    assert len(best.headers) == (header is not None)
    assert len(best.query) == (piece is not None)
    assert len(best.content) <= len(b'{"b": null}')


def test_depth_is_reduced_to_the_first_that_is_too_deep():
    deep = payload(body=(Chunk(b"[", 50_000), Chunk(b"]", 50_000)))

    def fails(candidate):
        content = candidate.content
        return content.count(b"[") > 993 and content.count(b"[") == content.count(b"]")

    best, complete, asked = reduced(deep, fails)
    assert complete
    assert best.body == (Chunk(b"[", 994), Chunk(b"]", 994))
    assert asked < 60


def test_a_number_becomes_the_shortest_that_is_too_long():
    long = payload(method="GET", query=("page=" + "9" * 5000, "limit=1"))
    best, complete, _ = reduced(long, lambda candidate: candidate.target.count("9") > 4300)
    assert complete
    assert best.query == ("page=" + "9" * 4301,)


def test_a_number_that_is_too_large_becomes_one_that_others_become_too():
    for number in ("9223372036854775808", "340282366920938463463374607431768211456"):
        large = payload(method="GET", query=(f"id={number}",))
        best, complete, _ = reduced(large, lambda each: int(each.target.partition("=")[2] or 0) >= 2**63)
        assert complete
        assert best.query == ("id=" + "9" * 19,)


def test_an_escape_stays_whole():
    odd = payload(method="GET", query=("q=a%00b",))
    best, _, _ = reduced(odd, lambda candidate: "%00" in candidate.target)
    assert best.query == ("q=%00",)


def test_a_path_that_is_not_wrong_or_not_safe_stays():
    for changes in ({"method": "DELETE", "part": "path"}, {"method": "GET", "part": "query"}):
        best, _, _ = reduced(payload(path="/orders/123456", **changes), lambda candidate: True)
        assert best.path == "/orders/123456"
    best, _, _ = reduced(payload(path="/o/12%0034", method="GET", part="path"), lambda each: "%00" in each.path)
    assert best.path == "//%00"


def test_without_time_the_best_so_far_is_kept_and_said_not_to_be_the_smallest():
    start = payload(headers=tuple((f"x-{n}", "1") for n in range(40)))
    best, complete, asked = reduced(start, lambda candidate: ("x-7", "1") in candidate.headers, tries=5)
    assert not complete
    assert asked == 5
    assert ("x-7", "1") in best.headers


def test_a_shortened_run_cannot_lose_one_more():
    async def does(runs):
        return joined(runs).count(b"x") >= 17

    left = asyncio.run(fewest((Run(b"y", 5), Run(b"x", 300), Run(b"z", 1)), does))
    assert left == (Run(b"x", 17),)


@pytest.mark.parametrize("value", [None, 0, False, [], {}, "a", [None], {"a": None}])
def test_a_value_that_nothing_depends_on_becomes_null(value):
    async def does(candidate):
        return True

    assert asyncio.run(smallest(value, does)) is None


def test_what_is_reduced_stays_the_same_kind_of_request():
    start = payload(may_close=True, also=(501,), body=(Chunk(b"x" * 10),))
    best, _, _ = reduced(start, lambda candidate: True)
    assert msgspec.structs.replace(best, body=start.body) == start
