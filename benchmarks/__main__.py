"""`python -m benchmarks`: what load costs, and whether what is reported is true, beside other load generators."""

import argparse
import compileall
import json
import sys
from pathlib import Path

from benchmarks import grow, latency_truth, load_cpu, proxy, soak, thinking_users
from benchmarks.cores import choose_cores, stay_on
from benchmarks.outcomes import Benchmark, Outcome, Settings, machine
from benchmarks.overhead import bench as overhead
from benchmarks.programs import ROOT

BENCHMARKS: tuple[tuple[str, Benchmark], ...] = (
    ("load-cpu", load_cpu.measure),
    ("thinking-users", thinking_users.measure),
    ("latency-truth", latency_truth.measure),
    ("soak", soak.measure),
    ("overhead", overhead.measure),
    ("grow", grow.measure),
    ("proxy", proxy.measure),
)
USUAL = ("load-cpu", "thinking-users", "latency-truth", "grow", "proxy")


def main() -> int:
    """Measure, print tables, and write the numbers to a file when asked."""
    options = _options()
    cores = choose_cores()
    tools, applications = _names(options.tools.lower()), _names(options.applications)
    settings = Settings(cores=cores, tell=_tell, tools=tools, applications=applications)
    given = {name: getattr(options, name) for name in ("repeats", "seconds", "users", "rate", "minutes", "rows")}
    compileall.compile_dir(str(ROOT / "src"), quiet=2)  # as an installation does, and as the others were
    stay_on(cores.server)
    outcomes: dict[str, Outcome] = {}
    for name, measure in BENCHMARKS:
        if name in (options.names or USUAL):
            _tell(f"{name}:")
            outcomes[name] = measure(settings._replace(**given))
            print("\n".join(_shown(name, outcomes[name], settings)), flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(_data(outcomes, settings), indent=2) + "\n", encoding="utf-8")
    return 0


def _names(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, listed.split(",")))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ({' '.join(USUAL)}; else soak, overhead)")
    parser.add_argument("--repeats", type=int, help="runs of each generator, taking turns")
    parser.add_argument("--seconds", type=float, help="length of one run")
    parser.add_argument("--users", type=int, help="connections, or thinking users")
    parser.add_argument("--rate", type=float, help="arrivals per second")
    parser.add_argument("--minutes", type=float, help="length of the soak (30)")
    parser.add_argument("--rows", type=int, help="rows of a grown clone (1,000,000)")
    parser.add_argument("--tools", default="", metavar="A,B", help="only these generators: nineam, wrk, k6, ...")
    parser.add_argument("--applications", default="", metavar="A,B", help="only these of overhead's: fastapi, ...")
    parser.add_argument("--json", metavar="FILE", help="also write the numbers to FILE")
    options = parser.parse_args()
    known = [name for name, _ in BENCHMARKS]
    for name in options.names:
        if name not in known:
            parser.error(f"there is no benchmark '{name}': there are {', '.join(known)}")
    return options


def _shown(name: str, outcome: Outcome, settings: Settings) -> list[str]:
    where = f"{settings.cores}; {machine()}"
    return ["", f"## {name}", "", where, *outcome.lines, "", *map(str, outcome.verdicts)]


def _data(outcomes: dict[str, Outcome], settings: Settings) -> dict[str, object]:
    return {
        "schema": "nineam/bench/2",
        "machine": machine(),
        "cores": settings.cores._asdict(),
        "benchmarks": {
            name: {"verdicts": [verdict._asdict() for verdict in outcome.verdicts], **outcome.data}
            for name, outcome in outcomes.items()
        },
    }


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
