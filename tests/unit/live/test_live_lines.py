"""A running plan, drawn and as lines."""

import io

import pytest
from rich.console import Console

from nineam.live.state import LiveState, fold, line
from nineam.live.view import draw
from nineam.monday.events import PhaseBegan, PhaseEnded, Progress

WORDS = "ramping-vus up to 15 users (browse) and constant-arrival-rate at 10/s (buy)"
BEGAN = PhaseBegan(kind="monday", stair=1, users=15, rate=0.0, seconds=40.0, words=WORDS, at_most=True)
ENDED = PhaseEnded(
    kind="monday", stair=1, rate=20.0, users=0, achieved_rate=54.8, p95_ms=5.0, failed_rate=0.25, broke=""
)


def running(width, words=WORDS, ticks=60):
    state = fold(LiveState(), PhaseBegan(**{f: getattr(BEGAN, f) for f in BEGAN.__struct_fields__} | {"words": words}))
    for number in range(ticks):
        state = fold(
            state,
            Progress(
                kind="monday", elapsed_s=number / 2, active_users=4, rate=101.7, p95_ms=number, failed=0, requests=900
            ),
        )
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=False, _environ={}).print(draw(state, width))
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_running_phase_is_one_row_and_its_plan_another(width):
    plan, row = running(width)
    assert plan.strip().startswith("plan       ramping-vus up to 15 users")
    assert max(len(plan), len(row)) <= width
    assert "Monday" in row
    assert "101.7/s" in row or width < 100


def test_without_a_plan_there_is_only_the_row():
    (row,) = running(100, words="")
    assert "15 users" in row


def test_a_rate_says_what_arrives_and_what_held_says_what_it_leaves_out():
    ended = {name: getattr(ENDED, name) for name in ENDED.__struct_fields__}
    assert line(ENDED).startswith("Monday     20 req/s        p95")
    assert line(ENDED).endswith("25.0% failed  held")
    said = line(PhaseEnded(**ended | {"unit": "iters", "exempt": ("GET /gone", "GET /slow", "GET /old")}))
    assert said.startswith("Monday     20 iters/s      p95")
    assert said.endswith("held, not counting GET /gone and 2 more")
