"""`python -m benchmarks.own_suites`: frameworks' own tests, with the agent aboard and without, test by test.

The tests of Starlette, Flask and others come with their source from the package index, at the version that is
installed for them in an environment of their own. Nothing is written outside of the folder.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from benchmarks.programs import SCRIPTS
from benchmarks.suites import SUITES, Suite, environment, sources
from benchmarks.tables import markdown

Outcomes = Counter[tuple[str, str]]
LIMIT_S = 1200
MOST_SHOWN = 30
ABOARD = "import sys; print('nineam_agent.boot' in sys.modules)"


WAYS = ("without", "with", "inside")
"""Without the agent; with it; with it and each test inside a request, which makes every hook work that it meets."""


class Compared(NamedTuple):
    """What became of a suite's tests by way, the tests that ended otherwise, and how many records the agent made."""

    version: str
    outcomes: dict[str, Outcomes]
    differences: list[str]
    records: int


def main() -> int:
    """Run and print; the exit code says whether every test ended with the agent as it did without."""
    options = _options()
    rows, differences = [], []
    with tempfile.TemporaryDirectory(prefix="nineam-suites-") as temporary:
        folder = Path(options.folder or temporary).resolve()
        for suite in SUITES:
            if suite.name in (options.names or [each.name for each in SUITES]):
                print(f"{suite.name} ...", file=sys.stderr, flush=True)
                compared = compare(suite, folder / suite.name)
                rows.append(row_of(suite.name, compared))
                differences += [f"{suite.name}: {one}" for one in compared.differences]
    header = ("suite", "version", *(f"passed {way}" for way in WAYS), "not passed in any", "differ", "requests seen")
    print("\n".join([*markdown(header, rows), *differences[:MOST_SHOWN]]))
    if len(differences) > MOST_SHOWN:
        print(f"... and {len(differences) - MOST_SHOWN} more")
    return int(bool(differences))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.own_suites", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SUITE", help=", ".join(suite.name for suite in SUITES))
    parser.add_argument("--folder", help="where environments and sources are kept for the next time")
    options = parser.parse_args()
    for name in options.names:
        if name not in [suite.name for suite in SUITES]:
            parser.error(f"there is no suite '{name}'")
    return options


def row_of(name: str, compared: Compared) -> list[str]:
    """Return a line of the table."""
    without, beside, inside = (compared.outcomes[way] for way in WAYS)
    same = without & beside & inside
    numbers = [*map(_passed, compared.outcomes.values()), same.total() - _passed(same), len(compared.differences)]
    return [name, compared.version, *map(str, numbers), str(compared.records)]


def _passed(outcomes: Outcomes) -> int:
    return sum(count for (_, outcome), count in outcomes.items() if outcome == "passed")


def compare(suite: Suite, folder: Path) -> Compared:
    """Run a suite in every way; what differs is run a second time, and counts if it differs again."""
    python = environment(suite, folder)
    version = _says(python, "-c", f"from importlib.metadata import version; print(version('{suite.name}'))")
    tests = sources(suite, folder, python, version)
    outcomes, records = _every_way(suite, tests, python)
    found = differing(outcomes)
    if found:
        again = differing(_every_way(suite, tests, python)[0])
        found = [one for one in found if one in again]
    return Compared(version, outcomes, found, records)


def _every_way(suite: Suite, tests: Path, python: str) -> tuple[dict[str, Outcomes], int]:
    ran = {way: outcomes_of(suite, tests, python, way) for way in WAYS}
    return {way: outcomes for way, (outcomes, _) in ran.items()}, ran["with"][1]


def differing(outcomes: dict[str, Outcomes]) -> list[str]:
    """Return a line for each test that did not end with the agent as it did without."""
    lines = []
    without = outcomes["without"]
    for way in WAYS[1:]:
        found = outcomes[way]
        for test in sorted({test for test, _ in (without - found) + (found - without)}):
            lines.append(f"{test}: {_ends(without, test)} without, {_ends(found, test)} {way}")
    return lines


def _ends(outcomes: Outcomes, test: str) -> str:
    return " and ".join(sorted(outcome for one, outcome in outcomes.elements() if one == test)) or "absent"


def outcomes_of(suite: Suite, tests: Path, python: str, way: str) -> tuple[Outcomes, int]:
    """Run a suite to its end; return what became of each test, and the number of requests that the agent has seen."""
    from tests.agent.kit import TOKEN, FakeController  # noqa: PLC0415 - not a package that is installed

    with FakeController() as controller, tempfile.TemporaryDirectory() as temporary:
        given = {key: value for key, value in os.environ.items() if not key.startswith(("NINEAM_", "PYTHON"))}
        if way != "without":
            inject = str(files("nineam.agent").joinpath("inject"))
            given |= {
                "PYTHONPATH": os.pathsep.join([inject, *[str(SCRIPTS)] * (way == "inside")]),
                "NINEAM_SOCKET": controller.path, "NINEAM_TOKEN": TOKEN, "NINEAM_ROOT": str(tests),
            }  # fmt: skip
            if _says(python, "-c", ABOARD, environment=given) != "True":
                raise RuntimeError(f"{suite.name}: the agent is not aboard")
        told = Path(temporary) / "told"
        found = run(suite, tests, [python, *_command(suite, told, way)], given, told)
        controller.settle()
        return found, len(controller.requests)


def _command(suite: Suite, told: Path, way: str) -> list[str]:
    if suite.labels:
        return [str(SCRIPTS / "django_suite.py"), str(told), way, *suite.labels]
    plugin = ["-p", "in_a_request"] if way == "inside" else []
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={told}", f"--basetemp={told}.base"]
    return [*pytest, *plugin, *suite.arguments]


def run(suite: Suite, tests: Path, command: list[str], given: dict[str, str], told: Path) -> Outcomes:
    """Run a suite once; what it prints is shown only when nothing came of it."""
    where = tests / "tests" if suite.labels else tests
    ran = subprocess.run(
        command, env=given, cwd=where, capture_output=True, text=True, timeout=LIMIT_S, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if not told.exists():
        raise RuntimeError(f"{suite.name} did not run:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")
    return Counter(map(_steady, json.loads(told.read_text()) if suite.labels else _of_junit(told)))


def _of_junit(file: Path) -> list[tuple[str, str]]:
    cases = ElementTree.parse(file).getroot().iter("testcase")
    return [(f"{case.get('classname')}::{case.get('name')}", _outcome(case)) for case in cases]


def _outcome(case: ElementTree.Element) -> str:
    kinds = {"failure": "failed", "error": "error", "skipped": "skipped"}
    return next((kinds[child.tag] for child in case if child.tag in kinds), "passed")


def _steady(found: Sequence[Any]) -> tuple[str, str]:
    """Return a test and its outcome, without what an object's address adds to its name."""
    return re.sub(r"0x[0-9a-f]+", "0x", found[0]), found[1]


def _says(*command: str, environment: dict[str, str] | None = None) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
