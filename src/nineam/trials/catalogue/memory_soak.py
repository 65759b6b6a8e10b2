"""The same requests for some time, while memory is watched."""

import itertools
import statistics
from collections.abc import Sequence

from nineam.model.trial import Dependency
from nineam.trials.advice import hoards
from nineam.trials.lab import Lab
from nineam.trials.memory import resident
from nineam.trials.trial import Measured, Trial

MOST_RATE = 100.0
SHARE_OF_KNEE = 0.5
WARM_S, SOAK_S, EVERY_S = 6.0, 24.0, 0.5
MOST_BYTES = 2_000.0
"""Two gigabytes for a million requests."""
NOISE_BYTES = 2_000_000.0
"""What may come and go without meaning anything: the allocator's own affair."""
CROWD = 2.0
"""So many times as many requests under way as usual (and so many more) are a crowd."""


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Send requests, and see whether memory grows with them."""
    rate = min(MOST_RATE, max(lab.rate, lab.knee * SHARE_OF_KNEE))
    async with lab.session() as session:
        control = await session.control(rate=rate)
        await session.wait(WARM_S)
        points: list[tuple[float, float]] = []
        waiting: list[int] = []
        began = session.now()
        while not points or (session.now() - began < SOAK_S and not session.died()):
            sent = float(len(session.player.late_ms))
            points.append((sent, resident(session.app.tree())))
            waiting.append(session.player.between(0.0, session.now()).hanging)
            await session.wait(EVERY_S)
        low, middle, high = slope(points)
        grown = points[-1][1] - points[0][1]
        holds, but = judged(points, waiting)
        cause, fix = hoards()
        return Measured(
            holds=False if session.died() else holds,
            sentence=f"{middle / 1000:.1f} kB more for each request ({low / 1000:.1f} to {high / 1000:.1f}), "
            f"{grown / 1e6:+.1f} MB in {SOAK_S:g} s{but}",
            value=round(middle, 1),
            threshold=MOST_BYTES,
            unit="bytes more for each request",
            fault_proof={"fault": "soak", "times": len(session.player.late_ms)},
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "mb_at_the_beginning": round(points[0][1] / 1e6, 1),
                "mb_at_the_end": round(points[-1][1] / 1e6, 1),
                "requests": points[-1][0] - points[0][0],
                "most_under_way": max(waiting),
            },
            cause=cause,
            fix=fix,
        )


def judged(points: Sequence[tuple[float, float]], waiting: Sequence[int]) -> tuple[bool | None, str]:
    """Say whether memory stays, None where nobody can tell, and what else than a leak made it rise."""
    low, _, high = slope(points)
    if high <= MOST_BYTES or points[-1][1] - points[0][1] <= NOISE_BYTES:
        return True, ""
    if low <= MOST_BYTES:
        return None, ""
    if without_crowds(points, waiting) <= MOST_BYTES:
        return None, f", but only while up to {max(waiting)} requests were under way at once"
    _, later, most = slope(points[len(points) // 2 :])
    if later > MOST_BYTES:
        return False, ""
    return (True if most <= MOST_BYTES else None), f", but {later / 1000:.1f} kB in the second half: it levels off"


def without_crowds(points: Sequence[tuple[float, float]], waiting: Sequence[int]) -> float:
    """Return the bytes that each request left behind while no more than usual were under way: these hold some, too."""
    usual = CROWD * statistics.median(waiting) + CROWD
    calm = [
        (later[0] - earlier[0], later[1] - earlier[1])
        for number, (earlier, later) in enumerate(itertools.pairwise(points))
        if max(waiting[number : number + 2]) <= usual
    ]
    sent = sum(each for each, _ in calm)
    return sum(each for _, each in calm) / sent if sent else 0.0


def slope(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return how steeply points rise: the median of the slopes between all pairs (Theil-Sen), with its quartiles.

    Pairs that lie close together say nothing and are left out: only those at least a third of the way apart count.
    """
    apart = (points[-1][0] - points[0][0]) / 3
    found = sorted(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for number, earlier in enumerate(points)
        for later in points[number + 1 :]
        if later[0] - earlier[0] > max(apart, 0.0)
    )
    if len(found) < 2:
        return 0.0, 0.0, 0.0
    low, middle, high = statistics.quantiles(found, n=4)
    return low, middle, high


TRIAL = Trial(
    name="memory-soak",
    title="Memory does not grow with every request",
    what=f"The same requests for {SOAK_S:g} s at half of what it carries, at most {MOST_RATE:g} a second.",
    why="What keeps a little of every request is killed some night, and nobody was there.",
    inject="Nothing but load.",
    measure="How the memory of all its processes rises with the number of requests (Theil-Sen), after a warm-up; "
    "what only rises while twice as many as usual are under way at once is not kept, nor what levels off.",
    gate=f"Not more than {MOST_BYTES / 1000:g} kB for each request. Half a minute shows what leaks fast; a slow leak "
    "needs hours.",
    evidence="Memory at the beginning and at the end; the quartiles of the slope.",
    causes=(
        "a dictionary that serves as a cache and has no end: `functools.lru_cache(maxsize=None)`, a module's list",
        "objects that end up in a global: sessions, spans, exceptions with their frames",
        "memory that is free but fragmented: then it levels off",
    ),
    role="",
    run=run,
    usual=False,
    seconds=36.0,
)
