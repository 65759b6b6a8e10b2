"""How memory rises with requests: from the middle of many pairs, so that a jump is not taken for a slope."""

import asyncio
from random import Random
from types import SimpleNamespace

import pytest
from trial_lab import Lab

from nineam.trials.catalogue import memory_soak
from nineam.trials.catalogue.memory_soak import slope, without_crowds


def points(per_request, noise=0.0, count=48, seed=1):
    choice = Random(seed)
    return [
        (number * 10.0, 60e6 + number * 10 * per_request + choice.uniform(-noise, noise)) for number in range(count)
    ]


def test_a_steady_rise_is_found_exactly():
    assert [round(each) for each in slope(points(5000))] == [5000, 5000, 5000]


def test_noise_widens_the_quartiles_around_the_truth():
    low, middle, high = slope(points(5000, noise=200_000))
    assert low < 5000 < high
    assert abs(middle - 5000) < 1000


def test_one_jump_is_no_slope():
    flat = points(0.0)
    jumped = flat[:3] + [(sent, memory + 10e6) for sent, memory in flat[3:]]
    assert abs(slope(jumped)[1]) < 1000


def test_two_points_are_too_few_to_say():
    assert slope([(0.0, 1.0), (0.0, 2.0)]) == (0.0, 0.0, 0.0)


def test_what_rises_while_many_are_under_way_is_not_kept_and_what_always_rises_is():
    crowd = [6, 5, 7, 6, 30, 40, 6, 7, 5, 6]
    sent = [number * 10.0 for number in range(10)]
    steps = [(at, 100e6 + (8e6 if at > 40 else 4e6 if at == 40 else 0.0)) for at in sent]
    assert without_crowds(steps, crowd) == 0.0
    assert without_crowds([(at, 100e6 + at * 8_000) for at in sent], crowd) == 8_000.0
    assert without_crowds([(at, 100e6 + at * 8_000) for at in sent], [20] * 10) == 8_000.0


@pytest.mark.parametrize(
    ("held", "holds", "words"),
    [
        (lambda sent: 100e6 + 20_000 * sent, False, "20.0 kB more"),
        (lambda sent: 100e6 + 20_000 * min(sent, 950), True, "it levels off"),
        (lambda sent: 100e6, True, "+0.0 MB"),
    ],
    ids=["leaks", "levels off", "stays"],
)
def test_a_leak_goes_on_and_what_fills_up_levels_off(monkeypatch, held, holds, words):
    lab = Lab(lambda _: (0.01, 200), rate=40.0)
    session = lab._made
    session.app = SimpleNamespace(tree=lambda: ())
    session.player.late_ms = session.player._sent
    monkeypatch.setattr(memory_soak, "resident", lambda _: held(len(session.player._sent)))
    found = asyncio.run(memory_soak.run(lab, None))
    assert found.holds is holds, found.sentence
    assert words in found.sentence
