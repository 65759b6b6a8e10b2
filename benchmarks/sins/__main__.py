"""`python -m benchmarks.sins`: plant each fault in each stack, run nineam, and count how often it is right."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from benchmarks.programs import ROOT
from benchmarks.sins.apps.switch import INTENSITIES
from benchmarks.sins.apps.tables import fill
from benchmarks.sins.cases import CASES, Case
from benchmarks.sins.report import tables
from benchmarks.sins.stacks import STACKS
from nineam.app.ports import free_port
from nineam.demo.database import open_database

NINEAM = Path(sys.executable).parent / "nineam"
SHORT = (
    "--localhost-time",
    "2.5",
    "--stair-time",
    "1.2",
    "--after-time",
    "0.5",
    "--observer-time",
    "0",
    "--capacity-time",
    "0",
    "--proof-time",
    "9",
)
LIMIT_S = 180.0
BURNS = "import time\nwhile 1:\n t = time.time() + .2\n while time.time() < t: pass\n time.sleep(.8)"


def main() -> int:
    """Run the cases that were asked for, print the scores, and keep every answer."""
    options = _options()
    kept = Path(options.out)
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sins-") as scratch, open_database(Path(scratch)) as database:
        fill(database.url)
        with _service() as service:
            for case in CASES:
                if not _wanted(case, options) or (kept / f"{case.name}.db").exists():
                    continue
                began = time.monotonic()
                _run(case, kept, database.url, service)
                print(f"{case.name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(tables(kept, CASES))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sins", description=__doc__)
    parser.add_argument("--stack", action="append", choices=[stack.name for stack in STACKS])
    parser.add_argument("--fault", action="append", help="only these faults (and `healthy`)")
    parser.add_argument("--intensity", type=int, choices=INTENSITIES, help="only faults of this intensity")
    parser.add_argument("--out", default=".nineam/sins", help="where answers are kept; what is there is not run again")
    return parser.parse_args()


def _wanted(case: Case, options: argparse.Namespace) -> bool:
    faults = {name for name, _ in case.faults} or {"healthy"}
    return (
        (not options.stack or case.stack.name in options.stack)
        and (not options.fault or faults <= set(options.fault))
        and all(not options.intensity or intensity == options.intensity for _, intensity in case.faults)
    )


@contextmanager
def _service() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.sins.service", str(port)], cwd=ROOT)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@contextmanager
def _burning() -> Iterator[None]:
    """Another program that computes for a fifth of the time."""
    process = subprocess.Popen([sys.executable, "-c", BURNS])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _run(case: Case, kept: Path, database: str, service: str) -> None:
    port = free_port()
    environment = {"SIN": case.switch, "DATABASE_URL": database, "SERVICE_URL": service}
    with tempfile.TemporaryDirectory(prefix="sin-") as scratch:
        document = Path(scratch) / "run.json"
        command = [
            str(NINEAM), "run", "--quiet", "--host", f"http://127.0.0.1:{port}", "--health", "/health", *SHORT,
            "--urls", str(Path(__file__).parent / "urls.txt"), "--json", str(document), "--out", scratch,
            "--cwd", str(ROOT), *(part for item in environment.items() for part in ("--env", "=".join(item))),
            "--", *(part.format(port=port) for part in case.stack.serve),
        ]  # fmt: skip
        with _burning() if case.herring == "cron" else nullcontext():
            ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False, cwd=scratch)
        if not document.is_file():
            raise SystemExit(f"{case.name}: no answer\n{ran.stdout}\n{ran.stderr}")
        found: dict[str, Any] = json.loads(document.read_text(encoding="utf-8"))
        Path(kept / f"{case.name}.db").write_bytes(Path(found["run"]).read_bytes())


if __name__ == "__main__":
    sys.exit(main())
