"""`python -m benchmarks.capacity`: the capacity that nineam reports, beside the load that is carried for long.

An application's reference comes first, then ten ordinary runs, of which nine have to be within 10 %. Applications that
only wait are measured side by side, the one that computes alone: some 40 minutes on two cores.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.capacity.applications import APPLICATIONS, Application, lanes
from benchmarks.capacity.asking import document_of
from benchmarks.capacity.reference import measure, still
from benchmarks.capacity.report import Measured, Repeat, table
from nineam.app.ports import free_port

USUAL_REPEATS, USUAL_SECONDS = 10, 30.0
QUICK_REPEATS, QUICK_SECONDS = 2, 8.0
BRIEF = ("--localhost-time", "2", "--after-time", "1", "--observer-time", "0")
"""What has no part in finding the capacity is kept short."""


def main() -> int:
    """Measure, print the table, and say by the exit code whether nine of ten were close for every application."""
    options = _options()
    chosen = tuple(one for one in APPLICATIONS if not options.application or one.name in options.application)
    measured: list[Measured] = []
    for lane in lanes(chosen, one_by_one=options.one_by_one):
        with ThreadPoolExecutor(len(lane)) as threads:
            measured += threads.map(lambda one: _measured(one, options), lane)
    print(table(measured))
    if options.json:
        Path(options.json).write_text(json.dumps([_data(one) for one in measured], indent=2) + "\n", encoding="utf-8")
    return int(not all(one.good for one in measured))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description=__doc__)
    parser.add_argument("--application", action="append", choices=[one.name for one in APPLICATIONS])
    parser.add_argument("--repeats", type=int, help=f"runs of each application ({USUAL_REPEATS})")
    parser.add_argument("--seconds", type=float, help=f"length of a trial of the reference ({USUAL_SECONDS:g})")
    parser.add_argument("--capacity-time", type=float, help="given to nineam; its own default otherwise")
    parser.add_argument("--one-by-one", action="store_true", help="nothing side by side; 75 minutes")
    parser.add_argument("--quick", action="store_true", help="a look: two runs each, short references")
    parser.add_argument("--json", metavar="FILE", help="also write the numbers to FILE")
    options = parser.parse_args()
    options.repeats = options.repeats or (QUICK_REPEATS if options.quick else USUAL_REPEATS)
    options.seconds = options.seconds or (QUICK_SECONDS if options.quick else USUAL_SECONDS)
    return options


def _measured(application: Application, options: argparse.Namespace) -> Measured:
    reference = measure(application, options.seconds)
    _tell(f"{application.name}: {reference.carried:.1f} - {reference.broke:.1f}/s are carried for long")
    repeats = []
    for number in range(1, options.repeats + 1):
        repeats.append(_repeat(application, number, options.capacity_time))
        _tell(f"{application.name} {number}: {repeats[-1]}")
    stayed = still(application, reference, options.seconds)
    _tell(f"{application.name}: the reference is {'still' if stayed else 'NOT'} true")
    return Measured(application.name, reference, repeats, stayed)


def _repeat(application: Application, seed: int, capacity_s: float | None) -> Repeat:
    port, began = free_port(), time.monotonic()
    arguments = ["--host", f"http://127.0.0.1:{port}", "--seed", str(seed), *BRIEF]
    arguments += ["--capacity-time", f"{capacity_s:g}"] if capacity_s is not None else []
    found = document_of(arguments, [part.format(port=port) for part in application.serve])["capacity"]
    low, high = found["rate"]["low"], found["rate"]["high"]
    took = time.monotonic() - began
    return Repeat(low, high or low, found["kind"], took, found["limited_by"] or found.get("reason", ""))


def _data(one: Measured) -> dict[str, Any]:
    repeats = [each._asdict() for each in one.repeats]
    return {
        "application": one.name,
        "reference": one.reference._asdict(),
        "stayed": one.stayed,
        "close": one.close,
        "repeats": repeats,
    }


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
