"""The health check as an orchestrator sees it, and whether it tells the truth about what users get."""

import asyncio
from collections.abc import Sequence

from nineam.load.failures import TIMEOUT
from nineam.model import RequestSpec
from nineam.model.record import Record
from nineam.trials.player import Player, seconds
from nineam.trials.window import Sample, between

EVERY_S = 0.5
TIMEOUT_S = 1.0
"""Kubernetes' own default for a probe."""
DEAD, SERVING = 0.5, 0.95
"""Below this share of good answers an application is dead to its users; from that one on it serves them."""
NAME = "health"


class HealthWatch:
    """Asks for a path twice a second, each time on a connection of its own, as Kubernetes does every ten."""

    def __init__(self, base_url: str, path: str) -> None:
        request = RequestSpec(method="GET", path=path, name=NAME)
        self._player = Player(base_url, (request,), limit_s=TIMEOUT_S)
        self._task = asyncio.create_task(self._ask())

    def samples(self) -> list[Sample]:
        """Return every probe that has ended; without an answer within a second it has failed."""
        return [each for each in self._player.samples() if each.end is not None]

    def close(self) -> None:
        """Ask no more."""
        self._task.cancel()
        self._player.close()

    async def _ask(self) -> None:
        while True:
            self._player.ask(NAME)
            await asyncio.sleep(EVERY_S)


class Honesty(Record, frozen=True, kw_only=True):
    """How many seconds the check said what: rows are what users got, columns what the check said.

    `longest_false_ready_s` is the longest time in one piece in which it said that all is well while users got
    nothing, `longest_false_alarm_s` the opposite.
    """

    dead_said_ready: float = 0.0
    dead_said_not: float = 0.0
    serving_said_ready: float = 0.0
    serving_said_not: float = 0.0
    longest_false_ready_s: float = 0.0
    longest_false_alarm_s: float = 0.0
    probes: int = 0
    problems: dict[str, int] = {}


def honesty(
    probes: Sequence[Sample], users: Sequence[Sample], patience_s: float = 2.0, width_s: float = 1.0
) -> Honesty:
    """Hold each probe against what users got who asked within a second around it. Pure.

    Who has waited longer than `patience_s` got nothing. Where neither half of them got an answer nor almost all,
    nobody can say what would have been right.
    """
    now = seconds() if not probes else max(each.end or each.at for each in probes)
    table = {(dead, ready): 0.0 for dead in (True, False) for ready in (True, False)}
    runs = {True: 0.0, False: 0.0}
    longest = {True: 0.0, False: 0.0}
    problems: dict[str, int] = {}
    for probe in probes:
        window = between(users, probe.at - width_s / 2, probe.at + width_s / 2, now)
        served = window.within(patience_s) / window.requests if window.requests else None
        dead = None if served is None or DEAD <= served < SERVING else served < DEAD
        if not probe.ok:
            problem = str(probe.status or ("no answer within 1 s" if probe.error == TIMEOUT else probe.error))
            problems[problem] = problems.get(problem, 0) + 1
        if dead is not None:
            table[dead, probe.ok] += EVERY_S
        for kind in (True, False):
            wrong = dead is kind and probe.ok is kind
            runs[kind] = runs[kind] + EVERY_S if wrong else 0.0
            longest[kind] = max(longest[kind], runs[kind])
    return Honesty(
        dead_said_ready=table[True, True],
        dead_said_not=table[True, False],
        serving_said_ready=table[False, True],
        serving_said_not=table[False, False],
        longest_false_ready_s=longest[True],
        longest_false_alarm_s=longest[False],
        probes=len(probes),
        problems=problems,
    )
