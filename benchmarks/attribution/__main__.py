"""`python -m benchmarks.attribution`: known costs in each layer, and whether the agent says what they took.

The exit code is 1 when a target is missed: a layer's mean within 0.3 ms or 5 % of the truth, the sum of layers within
3 % of the client's latency, less than 5 % unattributed.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.attribution import databases, driving, report, stacks
from benchmarks.attribution.comparing import Phase, compared, joined
from benchmarks.attribution.serving import serving
from benchmarks.attribution.stacks import Cell
from benchmarks.outcomes import machine

WARM_UP = 2


def main() -> int:
    """Measure and print."""
    options = _options()
    asked = stacks.cells(options.stack, options.data, options.database)
    found: list[tuple[Cell, list[Phase]]] = []
    print(machine(), end="\n\n")
    for cell in asked:
        print(f"{cell} ...", file=sys.stderr, flush=True)
        found.append((cell, measure(cell, options.concurrency, options.requests)))
        print("\n".join(report.lines(*found[-1])), flush=True)
    print("\n".join(report.summary(found)))
    if options.json:
        applications = [report.data(*each) for each in found]
        Path(options.json).write_text(json.dumps({"machine": machine(), "applications": applications}, indent=2) + "\n")
    return int(not all(phase.held for _, phases in found for phase in phases))


def measure(cell: Cell, connections: list[int], requests: int) -> list[Phase]:
    """Compare one application, first alone and then over so many connections; `requests` are those of each endpoint."""
    played: list[tuple[int, list[driving.Sent]]] = []
    warmed = 0
    with serving(cell) as (port, records):
        for count in dict.fromkeys((1, *connections)):
            warmed += len(driving.play(port, count, WARM_UP * count))
            played.append((count, driving.play(port, count, requests if count == 1 else 3 * requests)))
        pages = driving.truth(port, warmed + sum(len(sent) for _, sent in played))
    seen = [(count, joined(sent, pages, records)) for count, sent in played]
    alone = seen[0][1] if cell.stack.awaits else None
    return [compared(each, alone if count > 1 else None, count) for count, each in seen]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attribution", description=__doc__)
    names = [stack.name for stack in stacks.STACKS]
    parser.add_argument("--stack", action="append", choices=names, default=[], help="only this one; may be repeated")
    parser.add_argument("--data", action="append", choices=("sqlalchemy", "django", "raw"), default=[])
    parser.add_argument("--database", action="append", choices=databases.KINDS, default=[])
    parser.add_argument("--concurrency", action="append", type=int, metavar="N", help="besides 1 (20)")
    parser.add_argument(
        "--requests", type=int, default=30, help="of each endpoint when alone; three times as many else"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one application, few requests: does the bench itself run?"
    )
    parser.add_argument("--json", metavar="FILE", help="also write everything to FILE")
    options = parser.parse_args()
    options.concurrency = options.concurrency or [20]
    if options.quick:
        options.stack, options.data, options.database = ["fastapi-async"], ["raw"], ["sqlite"]
        options.requests, options.concurrency = 5, [5]
    return options


if __name__ == "__main__":
    sys.exit(main())
