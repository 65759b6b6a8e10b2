"""What the agent remembers, so that the next request is cheaper, says the same as asking again."""

import asyncio
import sys
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

frames: Any = import_module("nineam.agent.frames")
stacks: Any = import_module("nineam.agent.stacks")
loops: Any = import_module("nineam.agent.loops")
steps: Any = import_module("nineam.agent.steps")
tally: Any = import_module("nineam.agent.tally")
request: Any = import_module("nineam.agent.request")
watchdog: Any = import_module("nineam.agent.watchdog")
wire: Any = import_module("nineam.agent.wire")


def test_a_glance_has_the_lines_that_the_frames_say():
    codes = stacks.Codes()
    said = []

    def look(depth):
        if depth:
            return sum(
                look(depth - 1)
                for _ in range(2)
            )  # fmt: skip
        frame = sys._getframe(1)
        key = codes.key(stacks.glance(frame, set()))
        lines = []
        while frame is not None and len(lines) < len(key) // 2:
            lines.append(frame.f_lineno)
            frame = frame.f_back
        said.append((list(key[1::2]), lines))
        return 0

    look(3)
    look(3)
    assert [key for key, _ in said] == [lines for _, lines in said]


def test_samples_of_running_and_of_waiting_are_counted_together():
    codes = stacks.Codes()
    samples = tally.Tally(codes)
    seen = stacks.glance(sys._getframe(), set())
    for _ in range(tally.MOST_GLANCES + 5):
        samples.ran(3, seen, 2)
    samples.waited(4, (1, 0), 7)
    assert samples.counts() == {(3, codes.key(seen)): 2 * (tally.MOST_GLANCES + 5), (4, (1, 0)): 7}
    assert samples.counts() is samples.counts()


def test_beyond_the_most_codes_samples_are_counted_as_lost(monkeypatch):
    monkeypatch.setattr(tally, "MOST_CODES", 0)
    samples = tally.Tally(stacks.Codes())
    seen = stacks.glance(sys._getframe(), set())
    samples.ran(3, seen, 2)
    samples.ran(3, seen, 2)
    samples.counts()
    assert samples.lost == 4


def test_a_line_is_told_anew_where_it_is_another():
    known = frames.Frames([str(__file__).rpartition("/")[0]])

    def ask():
        return known.caller(sys._getframe())

    first, again = [ask() for _ in range(2)]
    other = known.caller(sys._getframe())
    assert first == again
    assert first.endswith("ask")
    assert other != first
    assert other.startswith("test_cheap.py:")


def test_a_line_is_told_with_the_line_that_called_its_function():
    known = frames.Frames([str(__file__).rpartition("/")[0]])

    def run():
        return known.site(sys._getframe())

    def one():
        return run()

    def other():
        return run()

    def all_of_them():
        return [one() for _ in range(2)]

    sites, callers = zip(*(site.split(wire.CALLED_BY) for site in (*all_of_them(), other())), strict=True)
    assert len(set(sites)) == 1
    assert [caller.rpartition(".")[2] for caller in callers] == ["one", "one", "other"]


def test_a_line_in_a_loop_of_its_own_function_is_told_once():
    told = []
    known = frames.Frames([str(__file__).rpartition("/")[0]], told.append)

    def loops():
        for _ in range(2):
            known.site(sys._getframe())
        return [known.site(sys._getframe()) for _ in "xy"]

    def once():
        known.site(sys._getframe())

    async def awaits():
        known.site(sys._getframe())
        await asyncio.sleep(0)
        known.site(sys._getframe())

    async def again():
        await awaits()

    loops()
    once()
    asyncio.run(again())
    assert [site.rpartition(".")[2] for site in told][:1] == ["loops"]
    assert {site.rpartition(".")[2] for site in told} == {"loops"}


async def run_later(known):
    return known.site(sys._getframe())


async def awaits(known):
    return await run_later(known)


def test_a_coroutine_s_caller_is_who_awaits_it_and_a_library_is_nobody():
    known = frames.Frames([str(__file__).rpartition("/")[0]])
    assert [part.rpartition(":")[2] for part in asyncio.run(awaits(known)).split(wire.CALLED_BY)] == [
        "run_later",
        "awaits",
    ]
    assert wire.CALLED_BY not in asyncio.run(run_later(known))


def test_what_steps_a_task_ends_the_search_for_the_applications_line():
    known = frames.Frames([str(__file__).rpartition("/")[0]])
    said = []
    code = compile("async def inner():\n    said.append(known.caller(sys._getframe()))\n", "/library.py", "exec")
    space = {"said": said, "known": known, "sys": sys}
    exec(code, space)

    async def application():
        await space["inner"]()

    for coroutine in (space["inner"](), application()):
        stepped = steps.drive(coroutine, request.Request("GET", 0), loops.Loop())
        with pytest.raises(StopIteration):
            stepped.send(None)
    assert said[0] == ""
    assert said[1].endswith("application")


def test_the_watchdog_rests_without_requests_and_looks_again_for_the_next(monkeypatch):
    monkeypatch.setattr(watchdog, "LOOK_EVERY", 0.001)
    monkeypatch.setattr(watchdog, "IDLE_LOOKS", 3)
    recorder = SimpleNamespace(in_flight=0, dropped=0)
    dog = watchdog.Watchdog(SimpleNamespace(recorder=recorder))
    dog.watch(loops.Loop())
    try:
        assert _becomes(lambda: dog.asleep)
        recorder.in_flight = 1
        dog.wake()
        assert _becomes(lambda: not dog.asleep)
    finally:
        dog.stop()
    dog._thread.join(5)
    assert not dog._thread.is_alive()


def _becomes(condition):
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.001)
    return condition()
