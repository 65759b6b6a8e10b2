"""What holds a loop: a call that waits is named itself, and of what computes only what two looks have in common."""

import sys
import threading
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

asgi: Any = import_module("nineam.agent.asgi")
held: Any = import_module("nineam.agent.held")
watchdog: Any = import_module("nineam.agent.watchdog")
Frames: Any = import_module("nineam.agent.frames").Frames
Loop: Any = import_module("nineam.agent.loops").Loop

ROOT = "/srv/shop"
MS = 1_000_000
FIRST, SECOND = 12 * MS, 22 * MS


@cache
def compiled(source, file):
    """The same code whenever it is called: a function is made once, too."""
    return compile(source, file, "exec")


def call(see, *functions):
    """Call functions one from another, each given as `(file, name)`, and show the innermost one's frame."""
    inner, awaited = lambda: see(sys._getframe(1)), ""
    for file, words in reversed(functions):
        kind, _, name = words.rpartition(" ")
        space = {"inner": inner}
        exec(compiled(f"{kind} def {name}():\n    return {awaited}inner()".lstrip(), file), space)
        inner, awaited = space[name], "await " if kind else ""
    coroutine = inner()
    if hasattr(coroutine, "send"):
        with pytest.raises(StopIteration):
            coroutine.send(None)


def look(*functions, at=SECOND, had=(0, 0)):
    """One look at a step that began at 0, of a thread that has computed, and been ready, for so long."""
    seen = []
    loop = Loop()
    loop.request = SimpleNamespace(stack=[7], endpoint=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "had_ns", lambda _: had)
        call(lambda frame: seen.append(held.Look(Frames([ROOT]), loop, frame, at)), *functions)
    return seen[0]


VIEW = (f"{ROOT}/views.py", "async view")
MIDDLEWARE = (f"{ROOT}/middleware.py", "async around")
LINK = (asgi.__file__, "async link")
LIBRARY = ("/venv/site-packages/web/routing.py", "async serialize")
DUMPS = ("/venv/site-packages/model/dumps.py", "dumps")
HELPER = (f"{ROOT}/sums.py", "add_up")
INNER = (f"{ROOT}/sums.py", "one_of_them")
FORMATTER = (f"{ROOT}/dates.py", "to_json")


def told(first, second, computed=10 * MS, ready=0):
    """The event of two looks ten milliseconds apart, of a thread that has computed for so long in between."""
    before = look(*first, at=FIRST)
    return look(*second, had=(computed, ready)).after(before)


def test_who_has_not_run_between_two_looks_is_still_in_the_call_that_waits():
    event = told((VIEW, HELPER, DUMPS), (VIEW, HELPER, DUMPS), computed=MS)
    assert (event["does"], event["had"]) == ("waits", None)
    assert event["call"] == "dumps (dumps.py:2)"
    assert event["site"] == "views.py:2:view"


def test_of_what_computes_the_function_is_named_that_the_asynchronous_line_called():
    event = told((VIEW, HELPER, INNER), (VIEW, HELPER, DUMPS))
    assert (event["does"], event["had"]) == ("computes", 1.0)
    assert event["call"] == "add_up (sums.py:2)"
    assert event["site"] == "views.py:2:view"


def test_who_was_ready_while_others_had_the_processor_computes_too_and_had_it_for_a_part():
    event = told((VIEW, HELPER), (VIEW, HELPER), computed=2 * MS, ready=8 * MS)
    assert (event["does"], event["had"]) == ("computes", 0.2)


@pytest.mark.parametrize("computed", [4 * MS, None], ids=["something between", "nobody counts"])
def test_where_it_cannot_be_told_nothing_is_said(computed):
    before, now = look(VIEW, HELPER, at=FIRST), look(VIEW, HELPER, had=(computed or 0, 0))
    if computed is None:
        now.had = None
    assert (now.after(before)["does"], now.after(before)["had"]) == ("", None)
    assert look(VIEW, HELPER).after(None)["does"] == ""


def test_a_line_of_asynchronous_code_needs_no_second_look():
    assert look(VIEW, HELPER).after(None)["site"] == "views.py:2:view"


def test_a_helper_that_a_library_calls_back_is_the_line_only_when_both_looks_meet_it_waiting():
    here, there, waits = (LIBRARY, DUMPS, FORMATTER), (LIBRARY, DUMPS), {"computed": 0}
    assert told(here, here, **waits)["site"] == "dates.py:2:to_json"
    assert told(there, here, **waits)["site"] == ""
    assert told(here, there, **waits)["site"] == ""
    assert told((LIBRARY, DUMPS, HELPER), here, **waits)["site"] == ""


def test_a_date_formatter_that_a_serializer_calls_for_each_date_is_never_the_line():
    """It is met at every look: while the serializer itself is in C, nobody gets the interpreter to look at it."""
    here = (LIBRARY, DUMPS, FORMATTER)
    assert told(here, here)["site"] == ""
    assert told(here, here, computed=4 * MS)["site"] == ""
    assert look(*here).after(None)["site"] == ""


def test_what_a_view_awaits_of_a_library_is_the_views():
    assert told((VIEW, LIBRARY, DUMPS), (VIEW, LIBRARY, DUMPS))["site"] == "views.py:2:view"


def test_a_middleware_is_not_to_blame_for_what_runs_inside_it():
    inside = (MIDDLEWARE, LINK, LIBRARY, DUMPS)
    assert told(inside, inside)["site"] == ""
    assert told((MIDDLEWARE, HELPER), (MIDDLEWARE, HELPER))["site"] == "middleware.py:2:around"


def test_asyncio_at_its_own_sockets_is_nobodys_line():
    write = ("/usr/lib/python3.11/asyncio/selector_events.py", "write")
    assert told((VIEW, write), (VIEW, write))["site"] == ""


class Recorder:
    def __init__(self):
        self.events, self.dropped, self.in_flight = [], 0, 1

    def event(self, _, event):
        self.events.append(event)


@pytest.fixture
def dog():
    names = SimpleNamespace(get=lambda _, text: text)
    here = Frames([str(Path(__file__).parent)])
    made = watchdog.Watchdog(SimpleNamespace(recorder=Recorder(), names=names, frames=here))
    yield made
    made.stop()


def events(dog, *ticks):
    """Tick at such milliseconds, at a step that began at another (None: at none); return how old those told of were."""
    loop, before = Loop(), {}
    loop.thread = threading.get_ident()
    for at, began in ticks:
        loop.since, loop.request = (began or 0) * MS, None
        if began is not None:
            loop.request = SimpleNamespace(stack=[7], endpoint=3)
        dog._look(loop, before, at * MS)
    return [round(event["ms"]) for event in dog._agent.recorder.events]


def test_a_step_is_told_once_however_long_it_lasts(dog):
    assert events(dog, (5, 0), (15, 0), (25, 0), (35, 0), (45, 0), (55, None)) == [25]


def test_a_step_of_less_than_twenty_milliseconds_is_not_told(dog):
    assert events(dog, (5, 0), (15, 0), (25, None), (35, 24), (43, 24), (45, 44)) == []


def test_a_step_that_ends_before_the_second_look_is_told_of_the_first(dog):
    """The thread came late: other programs had the processor, or the interpreter was not to be had."""
    assert events(dog, (5, 0), (28, 0), (38, None)) == [28]
    assert dog._agent.recorder.events[0]["does"] == ""


def test_a_step_right_after_another_is_one_of_its_own(dog):
    assert events(dog, (10, 0), (21, 0), (31, 20), (41, 20), (51, None)) == [21, 21]
