"""Settles which of two layers is to blame by slowing each of them down for a while, under a load that is carried."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nineam.diagnose.diagnosis import findings
from nineam.diagnose.picture import Picture
from nineam.diagnose.roots import in_doubt, roots
from nineam.endpoints import judged
from nineam.load.metrics import response_times
from nineam.merging import merge
from nineam.model import LoadStats, Phase, Record, Root
from nineam.monday.plan import RunPlan, open_load
from nineam.store.reader import read
from nineam.store.writer import Writer

ROUNDS = 6
LOAD = 0.7
"""Of what is carried: a bottleneck is worth more than anything else, and nothing piles up."""
MOST_SLOWED = 4.0
ADDED = 0.2
"""What is added to the mean request: this part of what it takes on localhost."""
OBEY_S = 0.25
"""The agents listen ten times a second."""

PlayPhase = Callable[[Phase], Awaitable[Sequence[LoadStats]]]
Slow = Callable[[float, str, str], None]
"""Tells the agents: percent, endpoint, layer; 0 percent ends it."""


class Candidate(Record, frozen=True, kw_only=True):
    """A layer of an endpoint, by how many percent it is slowed down, and what that adds to the mean request."""

    endpoint: str
    layer: str
    percent: float
    added_ms: float


class Proof:
    """The experiment of one run. `play(phase)` plays a phase and returns what was counted, tick by tick."""

    def __init__(self, plan: RunPlan, play: PlayPhase, writer: Writer, slow: Slow) -> None:
        self._plan = plan
        self._play = play
        self._writer = writer
        self._slow = slow

    async def run(self, carried: float) -> None:
        """Settle it, when there is something to settle; `carried` is about what rate is (0.0: unknown)."""
        candidates = rivals(Picture(read(self._writer.path))) if carried and self._plan.proof_s else ()
        if candidates:
            rounds = await settle(candidates, LOAD * carried, self._plan.proof_s, self._play, self._slow)
            self._writer.meta("proof", experiment(candidates, rounds))


def rivals(picture: Picture) -> tuple[Candidate, ...]:
    """Return the two layers that the seconds of the load cannot tell apart; none when they can."""
    found = roots(picture, findings(picture))
    if len(found) < 2 or not in_doubt(*found[:2]):
        return ()
    mean = sum(_share(picture, name) * picture.server_ms(picture.localhost, name) for name in _endpoints(picture))
    made = [_candidate(picture, root, ADDED * mean) for root in found[:2]]
    return tuple(candidate for candidate in made if candidate is not None) if all(made) else ()


def _endpoints(picture: Picture) -> Sequence[str]:
    return tuple(picture.users_endpoints(picture.localhost))


def _share(picture: Picture, endpoint: str) -> float:
    every = sum(picture.requests(picture.failing, name) for name in picture.users_endpoints(picture.failing))
    return picture.requests(picture.failing, endpoint) / every if every else 0.0


def _candidate(picture: Picture, root: Root, added_ms: float) -> Candidate | None:
    own = _share(picture, root.endpoint) * picture.layer(picture.localhost, root.endpoint, root.layer)
    if own <= 0:
        return None
    slowed = min(MOST_SLOWED, added_ms / own)
    return Candidate(endpoint=root.endpoint, layer=root.layer, percent=slowed * 100, added_ms=slowed * own)


async def settle(
    candidates: Sequence[Candidate],
    rate: float,
    budget_s: float,
    play: PlayPhase,
    slow: Slow,
    obey_s: float = OBEY_S,
) -> list[list[float]]:
    """Play rounds of three phases, forth and back against drift; return their mean response times in milliseconds."""
    seconds = budget_s / ROUNDS / (len(candidates) + 1)
    rounds = []
    try:
        for number in range(ROUNDS):
            means = {}
            order = (None, *candidates)
            for candidate in order if number % 2 == 0 else reversed(order):
                _tell(slow, candidate)
                await asyncio.sleep(obey_s)
                means[candidate] = _mean_ms(await play(open_load(f"proof-{number}", rate, seconds)))
            rounds.append([means[candidate] for candidate in order])
    finally:
        slow(0.0, "", "")
    return rounds


def experiment(candidates: Sequence[Candidate], rounds: list[list[float]]) -> dict[str, Any]:
    """What the run file keeps for the diagnosis."""
    return {
        "candidates": [[each.endpoint, each.layer] for each in candidates],
        "added_ms": [each.added_ms for each in candidates],
        "rounds": rounds,
    }


def _tell(slow: Slow, candidate: Candidate | None) -> None:
    if candidate is None:
        slow(0.0, "", "")
    else:
        slow(candidate.percent, candidate.endpoint, candidate.layer)


def _mean_ms(ticks: Sequence[LoadStats]) -> float:
    stats = LoadStats()
    for tick in ticks:
        stats = merge(stats, tick)
    return response_times(judged(stats.endpoints)).mean() / 1000
