"""`python -m benchmarks.sampling_truth`: the share of computing that samples show, beside the true one.

One request after the other computes and waits in turn, in bursts of exponential lengths, and measures itself: by the
wall, and by the clock of its thread. Both are printed, because a machine with other work to do lets a thread wait for
a processor while it is ready to compute: where the two differ the machine was not calm, and only the table of a calm
one says anything. Standard error of the share by the wall: half a point at a minute.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.resources import files

from benchmarks.programs import ROOT

BURSTS = ((2, 2), (4, 1), (15, 5))
CHILDREN = ROOT / "tests" / "agent" / "children"
PART_S = 0.5
"""Length of a request on a thread."""
WAYS = (
    ("asyncio, main thread", "sampled.py", ("asyncio", "async")),
    ("uvloop, main thread", "sampled.py", ("uvloop", "async")),
    ("sync, main thread", "sampled.py", ("asyncio", "sync")),
    ("Flask, main thread", "sampled_threads.py", ("main", "")),
    ("thread pool of anyio", "sampled_threads.py", ("asgi", "asyncio")),
    ("the same on uvloop", "sampled_threads.py", ("asgi", "uvloop")),
    ("ThreadPoolExecutor", "sampled_threads.py", ("executor", "")),
    ("Flask in a thread", "sampled_threads.py", ("wsgi", "")),
)


@dataclass(frozen=True)
class Measured:
    """Shares in percent: true by the wall, true by the thread's clock, sampled, and of that with its line."""

    wall: float
    cpu: float
    sampled: float
    lines: float
    samples: int
    cost: float
    """Of sampling, in percent of a core."""


def main() -> int:
    """Measure and print; the exit code says whether every share was within two points of the truth by the wall."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--only", default="", help="ways with this in their name")
    given = parser.parse_args()
    worst = 0.0
    heads = ("busy/idle ms", "true %", "CPU %", "sampled %", "points", "line seen %", "samples", "cost %")
    print(f"{'':22}" + "".join(f"{head:>13}" for head in heads))
    for name, child, arguments in WAYS:
        for busy, idle in BURSTS if given.only in name else ():
            seen = measure(child, arguments, busy, idle, given.seconds)
            points = seen.sampled - seen.wall
            worst = max(worst, abs(points))
            numbers = (f"{busy}/{idle}", f"{seen.wall:.1f}", f"{seen.cpu:.1f}", f"{seen.sampled:.1f}", f"{points:+.1f}")
            more = (f"{seen.lines:.1f}", str(seen.samples), f"{seen.cost:.2f}")
            print(f"{name:22}" + "".join(f"{number:>13}" for number in (*numbers, *more)), flush=True)
    return int(worst > 2.0)


def measure(child: str, arguments: tuple[str, ...], busy: int, idle: int, seconds: float) -> Measured:
    """Let a child serve for about so long, and compare."""
    from tests.agent.kit import FakeController, wire  # noqa: PLC0415 - not a package that is installed

    parts = round(seconds / PART_S) if child != "sampled.py" else 1
    times = round(seconds / parts * 1000 / (busy + idle))
    kind, how = arguments
    order = [kind, busy, idle, how, times] if parts == 1 else [kind, how, busy, idle, times, parts]
    with FakeController() as controller:
        environment = os.environ | {
            "PYTHONPATH": str(files("nineam.agent").joinpath("inject")),
            "NINEAM_SOCKET": controller.path,
            "NINEAM_TOKEN": "a-token",
            "NINEAM_ROOT": str(CHILDREN),
        }
        command = [sys.executable, str(CHILDREN / child), *map(str, order)]
        said = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=tempfile.gettempdir())
        controller.settle()
        rows = [row for rows in controller.events(wire.SAMPLES) for row in rows]
        spent = controller.events(wire.GAUGES)[-1]["values"].get("sampler.ms", 0.0)
    return _compared(json.loads(said.stdout)["truth"], rows, spent)


def _compared(truth: dict[str, int], rows: list[list[object]], spent_ms: float) -> Measured:
    counts: dict[str, int] = {"computed": 0, "named": 0, "all": 0}
    for *_, frames, samples in rows:
        assert isinstance(frames, list)
        assert isinstance(samples, int)
        named = any(frame.startswith("compute (") for frame in frames)
        counts["all"] += samples
        counts["named"] += samples * named
        counts["computed"] += samples * (named or frames[-1:] == ["(computing, line not seen)"])
    return Measured(
        wall=100 * truth["computing"] / (truth["computing"] + truth["waiting"]),
        cpu=100 * truth["cpu"] / truth["wall"],
        sampled=100 * counts["computed"] / max(1, counts["all"]),
        lines=100 * counts["named"] / max(1, counts["all"]),
        samples=counts["all"],
        cost=100 * spent_ms / (truth["wall"] / 1e6),
    )


if __name__ == "__main__":
    sys.exit(main())
