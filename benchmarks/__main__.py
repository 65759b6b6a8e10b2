"""`python -m benchmarks`: CPU microseconds per request beside wrk, k6 and Locust."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

from benchmarks.load_cpu import Cores, Result, choose_cores, compare

REFERENCES = ("wrk", "k6")


def main() -> int:
    """Measure, print a table, and write the numbers to a file when asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one run (4)")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each, taking turns (5)")
    parser.add_argument("--users", type=int, default=32, help="connections, back to back (32)")
    parser.add_argument("--json", metavar="FILE", help="also write the numbers to FILE")
    options = parser.parse_args()
    cores = choose_cores()
    results = compare(seconds=options.seconds, repeats=options.repeats, users=options.users, cores=cores, tell=_tell)
    print("\n".join(_report(results, options, cores)))
    if options.json:
        Path(options.json).write_text(json.dumps(_data(results, options, cores), indent=2) + "\n", encoding="utf-8")
    return 0


def _report(results: tuple[Result, ...], options: argparse.Namespace, cores: Cores) -> list[str]:
    present = [result for result in results if result.runs]
    references = [result for result in present if result.name in REFERENCES]
    pinned = f"server on core {cores.server}, generators on core {cores.generator}" if cores.server is not None else ""
    lines = [
        "",
        "CPU time per request: user + system of the generator's process tree, start-up included",
        f"{options.repeats} runs each, taking turns, {options.seconds:g} s, {options.users} connections; "
        f"{pinned or 'cores not pinned'}; {_machine()}",
        "",
        f"{'':18}{'us/request':>12}{'min-max':>16}{'req/s':>10}"
        + "".join(f"{'x ' + reference.name:>9}" for reference in references),
    ]
    for result in present:
        micros = [run.cpu_us for run in result.runs]
        spread = f"{min(micros):.1f}-{max(micros):.1f}"
        rate = max(run.rate for run in result.runs)
        ratios = "".join(f"{result.median_us / reference.median_us:>9.2f}" for reference in references)
        lines.append(f"{result.name:18}{result.median_us:>12.1f}{spread:>16}{rate:>10,.0f}{ratios}   {result.does}")
    lines += [f"{result.name}: not installed, skipped" for result in results if not result.runs]
    return lines


def _data(results: tuple[Result, ...], options: argparse.Namespace, cores: Cores) -> dict[str, object]:
    return {
        "schema": "nineam/bench/1",
        "machine": _machine(),
        "settings": {"seconds": options.seconds, "repeats": options.repeats, "users": options.users},
        "cores": cores._asdict(),
        "results": {
            result.name: {
                "does": result.does,
                "cpu_us_per_request": result.median_us if result.runs else None,
                "runs": [run._asdict() for run in result.runs],
            }
            for result in results
        },
    }


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
