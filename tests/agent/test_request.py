"""The books of one request: whatever the layers do, every nanosecond has exactly one owner."""

from contextlib import suppress
from importlib import import_module
from itertools import count
from typing import Any
from unittest import mock

import kit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.collect.feed import Names, Query, Spot, unpack

books: Any = import_module("nineam.agent.request")
recorder: Any = import_module("nineam.agent.recorder")

WORD = st.integers(0, 2**32 - 1)
LONG = st.integers(0, 2**63 - 1)
LAYER = st.integers(0, 40)


class Clock:
    """A clock that moves by what it is told."""

    def __init__(self, steps):
        self.now = 1000
        self._steps = iter(steps)

    def __call__(self):
        self.now += next(self._steps, 1)
        return self.now


# (which of two tasks, what it does); a task that has entered nothing has nothing to leave
MOVES = st.lists(st.tuples(st.booleans(), st.sampled_from(["enter", "leave", "lag"]), LAYER), max_size=60)


def play(moves, steps):
    """Let two tasks of one request enter and leave in any order; returns the finished request and its end."""
    clock = Clock(steps)
    with mock.patch.object(books, "clock", clock):
        request = books.Request("GET", 0)
        entered: dict[bool, list[int]] = {True: [], False: []}
        for task, move, layer in moves:
            if move == "enter":
                request.enter(layer)
                entered[task].append(layer)
            elif move == "leave" and entered[task]:
                request.leave(entered[task].pop())
            elif move == "lag":
                ready = clock()
                request.lagged(ready, clock())
        for task in (True, False):
            while entered[task]:
                request.leave(entered[task].pop())
        return request, request.finish()


@given(MOVES, st.lists(st.integers(0, 10**9), max_size=200))
def test_the_layers_add_up_whatever_order_two_tasks_come_and_go_in(moves, steps):
    request, end = play(moves, steps)
    assert sum(request.layers.values()) == end - request.at
    assert min(request.layers.values()) >= 0
    assert request.stack == [books.UNATTRIBUTED]


@given(MOVES, st.lists(st.integers(0, 10**9), max_size=200))
def test_whatever_happened_can_be_packed_and_read(moves, steps):
    request, end = play(moves, steps)
    (read,) = unpack(recorder.pack(request, end), Names())
    assert sum(read.layers.values()) == read.total_ns


@given(st.lists(st.integers(0, 3), max_size=30))
def test_leaving_what_was_never_entered_neither_raises_nor_takes_the_bottom_away(layers):
    request = books.Request("GET", 0)
    for layer in layers:
        request.leave(layer)
    request.enter(1)
    end = request.finish()
    assert sum(request.layers.values()) == end - request.at
    assert len(request.stack) == 2


def test_nested_layers_own_only_what_is_theirs():
    with mock.patch.object(books, "clock", count(0, 10).__next__):
        request = books.Request("GET", 0)
        request.enter(5)
        request.enter(6)
        request.leave(6)
        request.leave(5)
        request.finish()
    assert request.layers == {books.UNATTRIBUTED: 20, 5: 20, 6: 10}


def test_time_between_ready_and_running_belongs_to_the_loop():
    request = books.Request("GET", 0)
    request.enter(5)
    begin = request.last
    request.lagged(begin + 30, begin + 100)
    assert (request.layers[5], request.layers[books.LOOP_LAG]) == (30, 70)


def test_being_ready_before_anything_was_owed_counts_from_the_last_change_of_owner():
    request = books.Request("GET", 0)
    request.enter(5)
    begin = request.last
    request.lagged(begin - 50, begin + 100)
    assert (request.layers.get(5, 0), request.layers[books.LOOP_LAG]) == (0, 100)


def test_running_at_once_is_no_lag():
    request = books.Request("GET", 0)
    request.lagged(request.last + 5, request.last + 5)
    assert books.LOOP_LAG not in request.layers


def test_statements_are_counted_with_their_distinct_parameters():
    request = books.Request("GET", 0)
    for parameters in (1, 2, 2, 3):
        request.query(7, 8, parameters, 100)
    assert request.queries == {(7, 8, 0): [4, 400, {1, 2, 3}, 4, 0, 0]}


def test_distinct_parameters_are_bounded():
    request = books.Request("GET", 0)
    for parameters in range(5000):
        request.query(7, 8, parameters, 1)
    (group,) = request.queries.values()
    assert (group[0], len(group[2])) == (5000, books.DISTINCT_LIMIT)


# runs, nanoseconds, distinct parameters, the runs among which those were counted (here: all), rows, their nanoseconds
COUNTED = st.tuples(st.integers(1, 2**16), LONG, st.sets(LONG, max_size=3), LONG, LONG).map(
    lambda group: (*group[:3], group[0], *group[3:])
)
records = st.fixed_dictionaries(
    {
        "at": LONG, "total": st.integers(0, 2**40), "sent": LONG, "steps": LONG, "longest": LONG, "endpoint": WORD,
        "status": st.integers(0, 999),
        "layers": st.dictionaries(st.integers(0, 2**16 - 1), LONG, max_size=5),
        "queries": st.dictionaries(
            st.tuples(WORD, WORD, WORD), COUNTED, max_size=4
        ),
        "spots": st.dictionaries(st.tuples(st.integers(0, 2**16 - 1), WORD), st.tuples(WORD, LONG), max_size=4),
    }
)  # fmt: skip


def filled(values):
    request = books.Request("GET", values["sent"])
    for name in ("at", "steps", "longest", "endpoint", "status", "layers", "queries", "spots"):
        setattr(request, name, values[name])
    return request


@given(st.lists(records, max_size=4))
def test_what_is_packed_is_what_is_unpacked(several):
    names = Names()
    payload = b"".join(recorder.pack(filled(values), values["at"] + values["total"]) for values in several)
    for values, read in zip(several, unpack(payload, names), strict=True):
        assert (read.at_ns, read.total_ns, read.status) == (values["at"], values["total"], values["status"])
        assert (read.steps_ns, read.longest_ns) == (values["steps"], values["longest"])
        assert read.wait_ns == (max(0, values["at"] - values["sent"]) if values["sent"] else 0)
        assert read.endpoint == names.get("endpoint", values["endpoint"])
        assert read.layers == {names.get("layer", number): ns for number, ns in values["layers"].items()}
        assert read.queries == tuple(
            Query(
                statement=names.get("statement", statement), site=names.get("site", site),
                relation=names.get("relation", relation), count=group[0], distinct=len(group[2]), ns=group[1],
                rows=group[4], fetch_ns=group[5],
            )
            for (statement, site, relation), group in values["queries"].items()
        )  # fmt: skip
        assert read.spots == tuple(
            Spot(layer=names.get("layer", layer), site=names.get("site", site), calls=group[0], ns=group[1])
            for (layer, site), group in values["spots"].items()
        )


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_with_a_value_error_only(payload):
    with suppress(ValueError):
        list(unpack(payload, Names()))


@given(records, st.data())
def test_a_record_cut_off_anywhere_is_refused(values, data):
    payload = recorder.pack(filled(values), values["at"])
    cut = data.draw(st.integers(1, len(payload) - 1))
    with pytest.raises(ValueError, match="cut off"):
        list(unpack(payload[:cut], Names()))


HOSTILE = [b"-1", b"99999999999999999999999999", b"0x10", b"", b"nan", b"1_0", b"\xff", b" 5 "]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_hostile_sent_header_does_no_harm(value):
    asgi: Any = import_module("nineam.agent.asgi")
    request = books.Request("GET", asgi._sent([(kit.wire.SENT_HEADER.encode(), value)]))
    (read,) = unpack(recorder.pack(request, request.finish()), Names())
    assert read.total_ns >= 0


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_hostile_sent_header_does_no_harm_under_wsgi(value):
    wsgi: Any = import_module("nineam.agent.wsgi")
    request = books.Request("GET", wsgi.sent({"HTTP_X_NINEAM_SENT": value.decode("latin-1")}))
    (read,) = unpack(recorder.pack(request, request.finish()), Names())
    assert read.total_ns >= 0
