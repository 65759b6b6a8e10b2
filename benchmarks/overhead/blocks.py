"""Blocks of a fixed number of requests, interleaved: one server after the other, forth and back."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.cores import busy_s
from benchmarks.overhead.pyspy import Attached
from benchmarks.overhead.serving import Served

SETTLE_S = 0.15  # what is put off, as the agent's records are until ten times a second, belongs to its block
WARM_S, FIRST = 0.2, 20


class Block(NamedTuple):
    """CPU microseconds per request of the application's processes, and of a process that watches from outside.

    `others` is the share of the time (0 to 1) in which the application's core was busy with something else.
    """

    cpu_us: float
    outside_us: float
    others: float


class Round(NamedTuple):
    """Both blocks of a watcher in a round, one on the way forth and one on the way back."""

    forth: Block
    back: Block

    @property
    def cpu_us(self) -> float:
        """The mean: whatever drifts evenly through a round falls out of the differences."""
        return (self.forth.cpu_us + self.back.cpu_us) / 2

    @property
    def outside_us(self) -> float:
        """Likewise."""
        return (self.forth.outside_us + self.back.outside_us) / 2


def requests_for(served: Served, path: str, seconds: float) -> int:
    """Warm a server up and give how many requests take so many seconds of its CPU time, however busy the core is."""
    served.client.back_to_back(path, FIRST)
    count, cpu_s = FIRST, 0.0
    while cpu_s < WARM_S:
        count *= 2
        before = served.cpu_ns()
        served.client.back_to_back(path, count)
        cpu_s = (served.cpu_ns() - before) / 1e9
    return max(1, round(count * seconds / cpu_s))


def interleaved(
    servers: Sequence[Served],
    outside: Attached,
    rounds: int,
    core: int | None,
    run: Callable[[Served], int],
    tell: Callable[[str], None],
) -> dict[str, list[Round]]:
    """Run rounds of blocks; `run(server)` sends a block's requests and gives their number."""
    found: dict[str, list[Round]] = {served.watcher.name: [] for served in servers}
    for number in range(rounds):
        forth = {served.watcher.name: _block(served, outside, core, run) for served in servers}
        back = {served.watcher.name: _block(served, outside, core, run) for served in reversed(servers)}
        for name, mine in found.items():
            mine.append(Round(forth[name], back[name]))
        shown = (f"{name} {mine[-1].cpu_us:,.1f}" for name, mine in found.items())
        tell(f"round {number + 1}: us/request: {'; '.join(shown)}")
    return found


def _block(served: Served, outside: Attached, core: int | None, run: Callable[[Served], int]) -> Block:
    with outside.looking_at(served):
        began, busy, cpu, watching = time.monotonic(), busy_s(core), served.cpu_ns(), outside.cpu_ns()
        requests = run(served)
        time.sleep(SETTLE_S)
        cpu, watching = served.cpu_ns() - cpu, outside.cpu_ns() - watching
        others = (busy_s(core) - busy - cpu / 1e9) / (time.monotonic() - began)
    return Block(cpu / 1e3 / requests, watching / 1e3 / requests, max(0.0, others))
