"""Samples of other threads than the main one: exact in how much is computing, honest about the lines."""

from importlib import import_module
from types import SimpleNamespace

import kit
import pytest

pytest.importorskip("starlette", reason="the sampled application is made with it")

WIRE = kit.wire
threads = import_module("nineam.agent.threads")
looks = import_module("nineam.agent.looks")
scaling = import_module("nineam.agent.scaling")
visits = import_module("nineam.agent.visits")

VIEW, DATABASE = 7, 8
COMPUTE, REST = (1, 20, 3, 40), (2, 30, 3, 40)
MS = 1_000_000


def computes(frames):
    return frames[-1].startswith(("compute (", "(computing"))


class Seen:
    """What a child did on its threads, and what was seen of it."""

    def __init__(self, way, loop, busy, idle, times, requests):
        arguments = [way, loop, busy, idle, times, requests]
        with kit.FakeController() as controller:
            child = [str(kit.CHILDREN / "sampled_threads.py"), *map(str, arguments)]
            self.answer = kit.answer_of(child, kit.environment(controller.path))
            controller.settle()
        self.truth = self.answer["truth"]
        self.said = controller.events(WIRE.SAMPLER)
        self.processes = len(controller.hellos)
        self.rows = [row for rows in controller.events(WIRE.SAMPLES) for row in rows if "bursts" in "".join(row[3])]
        self.all = sum(row[4] for row in self.rows)

    def share(self):
        return sum(row[4] for row in self.rows if computes(row[3])) / self.all


@pytest.mark.parametrize(("way", "loop"), [("asgi", "asyncio"), ("asgi", "uvloop"), ("executor", ""), ("wsgi", "")])
def test_the_share_of_computing_is_the_true_one(way, loop):
    for needed in (loop or "asyncio", "flask"):
        pytest.importorskip(needed)
    for _ in range(3):  # the machine may stop in the middle of a burst: once in some hundred times
        seen = Seen(way, loop, 4, 1, 40, 6)
        if is_true(seen):
            break
    assert is_true(seen), (seen.share(), seen.truth)
    assert seen.all == pytest.approx(seen.truth["wall"] / 1e9 * 199, rel=0.1)
    assert "threads" in seen.said[-1]["kind"]
    assert not [name for name in seen.answer["threads"] if name.startswith("nineam-looks")]


def is_true(seen):
    """A busy machine keeps a thread from computing what it is ready to: the truth is between the two."""
    truth = seen.truth
    least, most = truth["cpu"] / truth["wall"], truth["computing"] / (truth["computing"] + truth["waiting"])
    return least - 0.12 < seen.share() < most + 0.12


def test_samples_of_threads_know_their_endpoint_and_layer():
    seen = Seen("asgi", "asyncio", 4, 1, 40, 3)
    assert {(row[1], row[2]) for row in seen.rows} == {("GET /pooled", "view")}
    assert not [frame for row in seen.rows for frame in row[3] if "nineam" in frame]


def test_a_forked_child_begins_with_a_thread_of_its_own_and_counts_nothing_twice():
    pytest.importorskip("flask")
    seen = Seen("forks", "", 4, 1, 40, 2)
    assert seen.truth["child"] == 0
    assert seen.processes == 2
    # the child did the same work once more
    assert seen.all == pytest.approx(2 * seen.truth["wall"] / 1e9 * 199, rel=0.4)


# --- the arithmetic, without a clock ---


class Thread:
    """A visit whose clocks are turned by hand."""

    def __init__(self, endpoint=1):
        self.request = SimpleNamespace(stack=[VIEW], layers={}, last=0, done=False, endpoint=endpoint, sent=0, at=0)
        self.visit = visits.Visit(self.request, self.request, 0)
        visit = self.visit
        visit.at = visit.seen_at = visit.cpu = visit.seen_cpu = 0
        self.now = self.used = 0

    def passes(self, wall, used=0, layer=VIEW):
        """Let so many milliseconds pass in a layer."""
        self.now += wall * MS
        self.used += used * MS
        self.request.layers[layer] = self.request.layers.get(layer, 0) + wall * MS
        self.request.last = self.now

    def look(self, key, forced=False, prompt=False):
        looks.see(self.visit, key, self.now, self.used, forced, prompt)

    def end(self):
        visit = self.visit
        visit.wall, visit.used, self.request.done = self.now, self.used, True
        if visit.looks is not None:
            looks.close(visit)
        return visit

    def looks(self):
        return {row: round(taken / MS) for row, taken in self.end().looks.items()}


def test_what_was_computed_before_a_wait_is_there_without_its_line():
    thread = Thread()
    thread.passes(10, used=4)
    thread.look(REST)
    assert thread.looks() == {
        (VIEW, REST, (), False): 6,
        (VIEW, REST[2:], looks.COMPUTING, True): 4,
    }


def test_who_was_made_to_let_go_was_computing():
    thread = Thread()
    thread.passes(5)
    thread.look(REST)
    thread.passes(10, used=6)
    thread.look(COMPUTE, forced=True)
    thread.passes(8, used=3)
    thread.look(REST)
    # what was computed after the line was seen is that line's, what was waited after a wait is that one's
    assert thread.looks() == {(VIEW, REST, (), False): 5 + 4 + 5, (VIEW, COMPUTE, (), True): 6 + 3}


def test_who_did_not_have_the_interpreter_was_not_made_to_let_go():
    thread = Thread()
    thread.passes(10, used=1)
    thread.look(REST, forced=True)
    assert thread.looks()[(VIEW, REST, (), False)] == 9


def test_waiting_for_the_interpreter_belongs_to_the_line_that_waits():
    thread = Thread()
    thread.passes(10, used=10)
    thread.look(COMPUTE, forced=True)
    thread.passes(20)
    thread.look(COMPUTE, forced=True)
    assert thread.looks() == {(VIEW, COMPUTE, (), True): 10, (VIEW, COMPUTE, (), False): 20}


def test_computing_without_the_interpreter_is_computing():
    thread = Thread()
    thread.passes(1)
    thread.look(COMPUTE)
    thread.passes(10, used=10)
    thread.look(COMPUTE, prompt=True)
    assert thread.looks()[(VIEW, COMPUTE, (), True)] == 10


def test_what_another_layer_computed_is_not_laid_at_the_door_of_the_one_that_waits():
    thread = Thread()
    thread.passes(6, used=6, layer=VIEW)
    thread.request.stack = [VIEW, DATABASE]
    thread.passes(4, layer=DATABASE)
    thread.look(REST)
    assert {row[0]: row[3] for row in thread.looks()} == {DATABASE: False}


def test_a_request_that_nobody_looked_at_counts_too():
    every = [Thread() for _ in range(scaling.ENOUGH + 1)]
    for thread in every:
        thread.passes(10, used=5)
        thread.look(REST)
    unseen = Thread()
    unseen.passes(210, used=210)
    pool = scaling.Pool()
    for thread in (*every, unseen):
        pool.add(thread.end())
    taken = dict(pool.scaled())
    computing = sum(value for row, value in taken.items() if row[3] == looks.COMPUTING)
    assert round(sum(taken.values()) / MS) == 210 + 210
    assert round(computing / MS) == 105 + 210


def test_counts_add_up_to_the_time_however_small_they_are():
    found = scaling.Scaling(5 * MS)
    for _ in range(200):
        thread = Thread()
        thread.passes(2, used=1)
        thread.look(REST)
        visits.left.append(thread.end())
    assert sum(row[-1] for row in found.take(final=True)) == pytest.approx(200 * 2 / 5, abs=1)


def test_a_look_that_the_machine_kept_waiting_proves_nothing():
    late = 1_000 * MS
    assert threads.was_forced(0, 9) is False
    assert threads.was_forced(late, 1) is False
    assert threads.was_forced(late, threads.FORCED_SWITCHES - 1) is None
    assert threads.was_forced(late, threads.FORCED_SWITCHES) is True
