"""Samples end up in the run file under the phase in which their request was sent, added up."""

import pytest

from nineam.agent import wire
from nineam.collect.feed import Names
from nineam.collect.sums import Collector
from nineam.store.reader import read
from nineam.store.records import StackCount
from nineam.store.writer import Writer


@pytest.fixture
def written(tmp_path):
    """Collect frames into a file and read it back."""

    def write(*frames):
        writer = Writer(tmp_path / "run.db")
        collector = Collector(writer, 1)
        for begin, kind in ((1000, "localhost"), (2000, "monday")):
            collector.begin_phase(writer.begin_phase(kind, 0, 0.0, 1, begin), begin)
        for kind, value in frames:
            collector(7, kind, value)
            collector.flush()
        writer.close()
        return read(tmp_path / "run.db")

    return write


def rows(*rows):
    return (wire.SAMPLES, [list(row) for row in rows])


def test_samples_belong_to_the_phase_of_their_request_and_add_up(written):
    run = written(
        rows((999, "GET /a", "view", ["f (a.py:1)"], 100), (1000, "GET /a", "view", ["f (a.py:1)"], 1)),
        rows((1500, "GET /a", "view", ["f (a.py:1)"], 2), (2000, "GET /a", "view", ["f (a.py:1)", "g (a.py:2)"], 4)),
        rows((2500, "GET /a", "orm", [], 8)),
    )
    assert sorted(run.stacks, key=lambda stack: stack.samples) == [
        StackCount(phase=1, endpoint="GET /a", layer="view", frames=("f (a.py:1)",), samples=3),
        StackCount(phase=2, endpoint="GET /a", layer="view", frames=("f (a.py:1)", "g (a.py:2)"), samples=4),
        StackCount(phase=2, endpoint="GET /a", layer="orm", frames=(), samples=8),
    ]


def test_numbers_become_words(written):
    names = Names()
    for definition in (("endpoint", 1, "GET /a"), ("frame", 1, "f (a.py:1)"), ("frame", 2, "g"), ("stack", 1, "1,2")):
        names.define(*definition)
    names.define("stack", 2, "(other)")
    resolved = names.resolved(wire.SAMPLES, [[5, 1, wire.LOOP_LAG, 1, 3], [5, 1, 0, 2, 1], [5, 1, 0, 0, 1]])
    assert resolved == [
        [5, "GET /a", "loop_lag", ["f (a.py:1)", "g"], 3],
        [5, "GET /a", "unattributed", [], 1],
        [5, "GET /a", "unattributed", [], 1],
    ]


def sampler(kind, hz, reason=""):
    return (wire.SAMPLER, {"kind": kind, "hz": hz, "reason": reason})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([sampler("none", 0, "why")], ("none", 0, "why")),
        ([sampler("sigalrm", 199), sampler("none", 0, "why")], ("sigalrm", 199, "")),
        ([sampler("none", 0, "why"), sampler("sigalrm", 199)], ("sigalrm", 199, "")),
        ([sampler("none", 0, "why"), sampler("threads", 99)], ("threads", 99, "")),
        ([sampler("threads", 99), sampler("sigalrm", 49, "slow")], ("sigalrm and threads", 49, "slow")),
        ([sampler("sigalrm", 49), sampler("threads", 99)], ("sigalrm and threads", 49, "")),
        ([sampler("sigalrm", 199), sampler("sigalrm", 99, "slow"), sampler("sigalrm", 199)], ("sigalrm", 99, "slow")),
    ],
)
def test_the_slowest_process_that_samples_speaks_for_all(written, said, kept):
    assert tuple(written(*said).meta["sampler"].values()) == kept
