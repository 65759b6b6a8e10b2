"""The search for the capacity, on a simulated application: one queue in front of some servers."""

import asyncio
import heapq
import random

import pytest

from nineam.diagnose.capacity_bounds import BEHIND, BEHIND_REQUESTS, WARM, bounds
from nineam.diagnose.capacity_fit import Trial
from nineam.model import EndpointStats, GeneratorStats, HistogramData, LoadPlan, LoadStats, Scenario
from nineam.monday.capacity_loads import LEVELS, LONGEST_S, MOST, Climbed, climbed, estimate, seconds_each, seek
from nineam.monday.plan import Goal, RunPlan, open_load

ALLOWED = 0.05
LIMIT_S = 0.5
BUDGET_S = 60.0
BETWEEN_S = 0.5
CARRIED_FOR_LONG = 96.0
"""What the queue below carries in trials of two minutes, by halving; it can do 100 a second at most."""


class Queue:
    """`servers` that each take `service_s`, times the speed of the moment; plays trials and keeps the time."""

    def __init__(self, seed: int, *, servers: int = 1, service_s: float = 0.01, drift: float = 0.02) -> None:
        self.chance = random.Random(seed)
        self.servers, self.service_s, self.drift = servers, service_s, drift
        self.now = 0.0
        self.slower_after: float | None = None
        self.trials: list[Trial] = []

    @property
    def capacity(self) -> float:
        return self.servers / self.service_s

    async def play(self, rate: float, seconds: float) -> Trial:
        slower = 1.6 if self.slower_after is not None and self.now >= self.slower_after else 1.0
        service = self.service_s * slower * self.chance.lognormvariate(0, self.drift)
        free, answers = [0.0] * self.servers, []
        # as many as the rate says, at random instants: what the load process sends
        for at in sorted(self.chance.uniform(0, seconds) for _ in range(round(rate * seconds))):
            done = max(at, heapq.heappop(free)) + service * self.chance.lognormvariate(0, 0.15)
            heapq.heappush(free, done)
            answers.append((at, done))
        self.trials.append(self._trial(rate, seconds, answers))
        self.now += seconds + BETWEEN_S
        return self.trials[-1]

    def _trial(self, rate, seconds, answers):
        warm = WARM * seconds
        counted = [(at, done) for at, done in answers if done > warm]
        begun = sum(at <= warm < done for at, done in answers)
        left = sum(done > seconds for _, done in answers)
        behind = left - begun > max(BEHIND_REQUESTS, BEHIND * len(counted))
        missed = sum(done - at > LIMIT_S for at, done in counted)
        came_out = sum(warm < done <= seconds for _, done in answers) / (seconds - warm)
        return Trial(rate, len(counted), missed, behind, came_out)


def search(queue: Queue, around: float, seed: int = 1, budget_s: float = BUDGET_S):
    asyncio.run(seek(around, budget_s, ALLOWED, queue.play, lambda: queue.now, random.Random(seed)))
    return bounds(queue.trials, ALLOWED)


@pytest.mark.parametrize(("servers", "off"), [(1, 0.85), (1, 1.0), (4, 1.2)])
def test_nine_of_ten_searches_end_within_ten_percent(servers, off):
    queues = [Queue(seed, servers=servers, service_s=0.01 * servers) for seed in range(10)]
    found = [search(queue, off * 100, seed) for seed, queue in enumerate(queues)]
    near = [each for each in found if abs(each.best / CARRIED_FOR_LONG - 1) <= 0.1 and not each.unknown]
    assert len(near) >= 9, found


def test_a_search_with_time_enough_confirms_both_ends():
    found = [search(Queue(seed), 100, seed, budget_s=120.0) for seed in range(5)]
    assert all(each.confirmed for each in found)
    assert all(each.low < CARRIED_FOR_LONG * 1.05 < each.high * 1.05 for each in found)


def test_a_search_ends_within_its_time():
    queue = Queue(3)
    search(queue, 100)
    assert queue.now <= BUDGET_S + BETWEEN_S * MOST


def test_an_application_that_becomes_slower_meanwhile_cannot_be_told():
    def slowed(seed):
        queue = Queue(seed)
        queue.slower_after = 24.0
        return search(queue, 100, seed)

    told = [slowed(seed).unknown for seed in range(5)]
    assert sum("changed meanwhile" in each or "open" in each for each in told) >= 4, told


def test_the_first_loads_come_in_another_order_with_another_seed():
    def order(seed):
        queue = Queue(1)
        search(queue, 100, seed)
        return [trial.rate for trial in queue.trials[: len(LEVELS)]]

    assert sorted(order(1)) == sorted(order(2)) == [85, 95, 105, 115]
    assert len({tuple(order(seed)) for seed in range(8)}) > 2
    assert order(1) == order(1)


def test_a_trial_that_nobody_answered_ends_the_search():
    played = []

    async def play(rate, seconds):
        played.append((rate, seconds))

    asyncio.run(seek(100, BUDGET_S, ALLOWED, play, lambda: 0.0, random.Random(1)))
    assert len(played) == 1


def test_trials_are_longer_when_there_is_more_time():
    assert [seconds_each(budget) for budget in (4, 60, 3600)] == [1.0, 7.5, LONGEST_S]


# --- the estimate ---


def test_what_came_out_where_more_went_in_is_the_estimate():
    climb = [Climbed(80, True, 80), Climbed(120, False, 97), Climbed(120, False, 98)]
    assert estimate(climb) == 98


def test_where_the_load_did_come_out_the_middle_is_the_estimate():
    assert estimate([Climbed(80, True, 80), Climbed(125, False, 124)]) == pytest.approx(100)


def test_an_estimate_is_never_below_a_load_that_held():
    assert estimate([Climbed(80, True, 80), Climbed(120, False, 30)]) == 80


def test_a_climb_that_broke_at_once_or_by_a_disturbance_only():
    assert estimate([Climbed(20, False, 12)]) == 12
    assert estimate([Climbed(20, False, 12), Climbed(20, True, 20), Climbed(30, True, 30)]) == 0
    assert estimate([Climbed(20, True, 20)]) == 0
    assert estimate([]) == 0


def tick(requests, begun, wall_s=0.5, failed=0):
    slip = HistogramData(count=begun)
    endpoint = EndpointStats(name="GET /", requests=requests, failed=failed)
    return LoadStats(endpoints=(endpoint,), generator=GeneratorStats(wall_s=wall_s, slip=slip))


def test_answers_after_the_load_and_failures_do_not_count_as_carried():
    ticks = [tick(20, 25), tick(20, 25, failed=4), tick(10, 0, wall_s=3.0)]
    assert climbed(50, ticks, 1.0, held=False) == Climbed(50, False, 36)


def test_of_journeys_iterations_are_counted():
    assert climbed(5, [tick(30, 10), tick(0, 0)], 1.0, held=True).answered == pytest.approx(10)


# --- when there are trials at all ---


@pytest.mark.parametrize(
    ("plan", "sought"),
    [
        ({"capacity_s": 60.0}, True),
        ({}, False),
        ({"capacity_s": 60.0, "goal": Goal(limit=50)}, False),
        ({"capacity_s": 60.0, "climb": False}, False),
        ({"capacity_s": 60.0, "scenarios": (Scenario(name="a", executor="constant-vus"),)}, False),
    ],
)
def test_only_a_climb_without_a_goal_is_followed_by_trials(plan, sought):
    assert RunPlan(load=LoadPlan(base_url="http://127.0.0.1:1"), **plan).seeks_capacity is sought


def test_each_trial_is_another_phase_and_so_another_draw_of_arrivals():
    one, other = open_load("capacity-1", 50.0, 5.0), open_load("capacity-2", 50.0, 5.0)
    assert (one.executor, one.rate, one.duration_s) == ("poisson-arrival-rate", 50.0, 5.0)
    assert one.name != other.name
