"""Server-sent events: the rules of the HTML standard, however the bytes are cut."""

from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.load import lines
from nineam.load.lines import TooLong
from nineam.load.sse import Event, EventParser


def parse(data, cuts=()):
    parser = EventParser()
    edges = [0, *sorted(cuts), len(data)]
    return [event for start, end in pairwise(edges) for event in parser.feed(data[start:end])]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"data: a\n\n", [("message", "a", "", None)]),
        (b"data:a\r\rdata:b\r\n\r\n", [("message", "a", "", None), ("message", "b", "", None)]),
        (b"data: one\ndata: two\n\n", [("message", "one\ntwo", "", None)]),
        (b"\xef\xbb\xbfdata: a\n\n", [("message", "a", "", None)]),
        (b": a comment\n\nevent: tick\ndata\n\n", [("tick", "", "", None)]),
        (b"event: lost\n\ndata: a\n\n", [("message", "a", "", None)]),
        (b"id: 7\ndata: a\n\ndata: b\n\n", [("message", "a", "7", None), ("message", "b", "7", None)]),
        (b"id: a\0b\nretry: 1x\ndata:  a\n\n", [("message", " a", "", None)]),
        (b"retry: 250\ndata: a:b\nother: x\n\n", [("message", "a:b", "", 250)]),
        (b"data: never ended\n", []),
        ("data: ü\n\n".encode(), [("message", "ü", "", None)]),
    ],
)
def test_the_rules_of_the_standard(data, expected):
    assert parse(data) == [Event(*each) for each in expected]


def test_an_event_that_ends_with_a_lone_cr_is_given_at_once():
    parser = EventParser()
    assert [event.data for event in parser.feed(b"data: a\r\r")] == ["a"]
    assert [event.data for event in parser.feed(b"\ndata: b\n\n")] == ["b"]


@pytest.mark.parametrize(
    ("endless", "what"), [(b"x" * 100, "lines"), (b"data: x\n" * 10, "events"), (b"data\n" * 20, "events")]
)
def test_what_does_not_come_to_its_end_is_given_up(monkeypatch, endless, what):
    monkeypatch.setattr(lines, "LONGEST_LINE", 1000)
    monkeypatch.setattr("nineam.load.sse.LONGEST_LINE", 1000)
    parser = EventParser()
    with pytest.raises(TooLong, match=f"^{what} of at most"):
        list(chain.from_iterable(parser.feed(endless) for _ in range(1000)))


def test_a_long_line_is_joined_once():
    parser = EventParser()
    assert not any(list(parser.feed(b"data: x" if not at else b"x" * 100)) for at in range(50_000))
    (event,) = parser.feed(b"\n\n")
    assert len(event.data) == 1 + 49_999 * 100


def test_a_reconnection_time_of_too_many_digits_is_none():
    assert parse(b"retry: " + b"9" * 5000 + b"\ndata: a\n\n") == [Event("message", "a", "", None)]


PIECES = st.sampled_from(
    [
        b"data",
        b"event",
        b"id",
        b"retry",
        b":",
        b" ",
        b"\r",
        b"\n",
        b"\r\n",
        b"\n\n",
        "ü€".encode(),
        b"\xff",
        b"12",
        b"\0",
        b"x",
    ]
)


@given(st.lists(PIECES, max_size=60).map(b"".join), st.data())
def test_where_the_bytes_are_cut_changes_nothing(data, choose):
    cuts = choose.draw(st.lists(st.integers(0, len(data)), max_size=10))
    assert parse(data, cuts) == parse(data)
