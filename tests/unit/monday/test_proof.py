"""Two layers that the load cannot tell apart are slowed down in turn, and what that costs says which is to blame."""

import asyncio

import pytest

from nineam.diagnose.proof import proved, worth
from nineam.histogram import Histogram
from nineam.model import EndpointStats, LoadStats, Phase, Root
from nineam.monday.proof import ROUNDS, Candidate, experiment, settle

POOL = Candidate(endpoint="GET /orders", layer="db_execute", percent=50, added_ms=2.0)
VIEW = Candidate(endpoint="GET /users", layer="view", percent=100, added_ms=2.0)


def root(candidate: Candidate, share: float, confidence: float) -> Root:
    return Root(layer=candidate.layer, endpoint=candidate.endpoint, ms=1.0, share=share, confidence=confidence)


def answered_in(milliseconds: float) -> LoadStats:
    times = Histogram()
    times.record(int(milliseconds * 1000))
    return LoadStats(endpoints=(EndpointStats(name="GET /orders", requests=1, response=times.to_data()),))


class Application:
    """Everybody queues for the database; nobody for the view."""

    def __init__(self) -> None:
        self.slowed = ""
        self.said: list[tuple[float, str, str]] = []
        self.played: list[tuple[str, str]] = []

    def slow(self, percent: float, endpoint: str, layer: str) -> None:
        self.said.append((percent, endpoint, layer))
        self.slowed = layer if percent else ""

    async def play(self, phase: Phase) -> tuple[LoadStats, ...]:
        self.played.append((phase.name, self.slowed))
        if self.slowed == "gone":
            raise RuntimeError("the application died")
        return (answered_in({"": 20.0, "db_execute": 32.0, "view": 22.0}[self.slowed]),)


def test_each_is_slowed_down_in_turn_under_the_same_arrivals_and_then_nothing_is():
    application = Application()
    rounds = asyncio.run(settle((POOL, VIEW), 50.0, 12.0, application.play, application.slow, obey_s=0))
    assert rounds == [pytest.approx([20, 32, 22], rel=0.02)] * ROUNDS
    assert application.said[-1] == (0.0, "", "")
    assert [slowed for _, slowed in application.played[:6]] == ["", "db_execute", "view", "view", "db_execute", ""]
    assert len({name for name, _ in application.played}) == ROUNDS


def test_nothing_stays_slow_when_the_application_dies():
    application = Application()
    dying = Candidate(endpoint="", layer="gone", percent=10, added_ms=1)
    with pytest.raises(RuntimeError):
        asyncio.run(settle((dying, VIEW), 50.0, 12.0, application.play, application.slow, obey_s=0))
    assert application.slowed == ""


def test_what_costs_several_milliseconds_for_one_comes_first_and_says_so():
    before = (root(VIEW, 0.5, 0.55), root(POOL, 0.45, 0.45))
    kept = experiment((VIEW, POOL), [[20.0, 22.0, 32.0]] * ROUNDS)
    first, second = proved(before, kept)
    assert (first.layer, second.layer) == ("db_execute", "view")
    assert first.confidence > 0.8
    assert "cost the mean request 6.0 ms" in first.proof
    assert "view of GET /users 1.0 ms" in first.proof
    assert not second.proof


@pytest.mark.parametrize(
    "rounds",
    [
        [[20.0, 24.0, 24.5]] * ROUNDS,  # as much in both
        [[20.0, 24.0, 30.0], [20.0, 30.0, 24.0], [20.0, 24.0, 30.0], [20.0, 24.0, 30.0]],  # once the other way round
        [[20.0, 24.0, 40.0]],  # once is chance
        [],
    ],
)
def test_what_an_experiment_does_not_settle_stays_as_it_was(rounds):
    before = (root(VIEW, 0.5, 0.55), root(POOL, 0.45, 0.45))
    assert proved(before, experiment((VIEW, POOL), rounds)) == before


def test_without_an_experiment_and_with_one_on_others_nothing_changes():
    before = (root(VIEW, 0.5, 0.55),)
    assert proved(before, {}) == before
    assert proved(before, experiment((VIEW, POOL), [[20.0, 22.0, 32.0]] * ROUNDS)) == before


def test_a_layer_that_makes_things_faster_is_worth_nothing():
    found = worth([[20.0, 19.0, 30.0]] * 4, [1.0, 1.0])
    assert found.settled
    assert found.first == -1.0
