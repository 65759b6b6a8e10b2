"""`python -m benchmarks.sampling_truth`: the share of computing that samples show, beside the true one.

One request computes and waits in turn, in bursts of exponential lengths; it measures itself. Standard error of the
share: half a point at a minute.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from benchmarks.programs import ROOT

BURSTS = ((2, 2), (4, 1), (15, 5))
WAYS = (("asyncio", "async"), ("uvloop", "async"), ("asyncio", "sync"), ("uvloop", "sync"))
CHILD = ROOT / "tests" / "agent" / "children" / "sampled.py"


def main() -> int:
    """Measure and print; the exit code says whether every share was within two points and a statistical margin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    seconds = parser.parse_args().seconds
    worst = 0.0
    print(f"{'loop':9}{'waits':8}{'busy/idle ms':>14}{'true %':>9}{'sampled %':>11}{'points':>8}{'samples':>9}")
    for loop, how in WAYS:
        for busy, idle in BURSTS:
            truth, sampled, count = measure(loop, how, busy, idle, seconds)
            worst = max(worst, abs(sampled - truth))
            print(
                f"{loop:9}{how:8}{f'{busy}/{idle}':>14}{truth:9.1f}{sampled:11.1f}{sampled - truth:+8.1f}{count:9}",
                flush=True,
            )
    return int(worst > 2.0)


def measure(loop: str, how: str, busy: int, idle: int, seconds: float) -> tuple[float, float, int]:
    """Return the true and the sampled share of computing in percent, and the number of samples."""
    from tests.agent.kit import FakeController, wire  # noqa: PLC0415 - not a package that is installed

    times = str(round(seconds * 1000 / (busy + idle)))
    with FakeController() as controller:
        environment = os.environ | {
            "PYTHONPATH": str(files("nineam.agent").joinpath("inject")),
            "NINEAM_SOCKET": controller.path,
            "NINEAM_TOKEN": "a-token",
            "NINEAM_ROOT": str(Path(CHILD).parent),
        }
        command = [sys.executable, str(CHILD), loop, str(busy), str(idle), how, times]
        said = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=tempfile.gettempdir())
        controller.settle()
        rows = [row for rows in controller.events(wire.SAMPLES) for row in rows]
    computing, waiting = json.loads(said.stdout)["truth"]
    total = sum(row[4] for row in rows)
    seen = sum(row[4] for row in rows if any(frame.startswith("compute (") for frame in row[3]))
    return 100 * computing / (computing + waiting), 100 * seen / total, total


if __name__ == "__main__":
    sys.exit(main())
