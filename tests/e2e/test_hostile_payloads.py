"""`nineam payloads` through the front door: what is broken is found, what is repaired is not."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

APPS = Path(__file__).parent / "apps" / "provoked"
FASTAPI = ("broken_fastapi:app", "--methods", "get,post")
FLASK = ("broken_flask:app", "--methods", "get,post")


@dataclass(frozen=True)
class Ran:
    """One call: how it ended, what it wrote as JSON, and where."""

    outcome: Any
    found: dict[str, Any]
    folder: Path


Payloads = Callable[..., Ran]


@pytest.fixture(scope="module")
def payloads(nineam: Any, tmp_path_factory: pytest.TempPathFactory) -> Payloads:
    """Call `nineam payloads` beside the broken applications and read what it wrote."""

    def call(*arguments: str, folder: Path | None = None) -> Ran:
        if folder is None:
            folder = tmp_path_factory.mktemp("provoked")
            for file in APPS.glob("*.py"):
                shutil.copy(file, folder)
        outcome = nineam("payloads", *arguments, "--json", "found.json", cwd=folder, limit_s=120)
        assert "Traceback" not in outcome.err, outcome.err
        return Ran(outcome, json.loads((folder / "found.json").read_text()), folder)

    return call


@pytest.fixture(scope="module")
def broken(payloads: Payloads) -> Ran:
    """One call against the broken application with a document, as somebody with a login."""
    written = ("--tests", "test_again.py", "--html", "page.html", "--junit", "cases.xml", "--markdown", "summary.md")
    return payloads(*FASTAPI, *written, "--header", "Authorization: Bearer s3cret")


def where(found: dict[str, Any]) -> set[tuple[str, str]]:
    """Give the exceptions that were found, and in which functions."""
    return {(each["exception"].partition(":")[0].rpartition(".")[2], each["function"]) for each in found["failures"]}


def test_every_bug_is_found_and_reduced_with_the_document(broken):
    outcome, found = broken.outcome, broken.found
    assert outcome.code == 99, outcome.out + outcome.err
    assert {
        ("OverflowError", "items"),
        ("KeyError", "order"),
        ("RecursionError", "notes"),
        ("JSONDecodeError", "notes"),
    } <= where(found)
    assert found["origins"]["schemathesis"] > 20
    assert found["verdict"]["status"] == "not-ready"
    assert all(each["reproduced"] >= 2 for each in found["failures"])
    overflow = next(each for each in found["failures"] if each["exception"].startswith("OverflowError"))
    assert overflow["where"] == f"broken_fastapi.py:{line_of('broken_fastapi.py', 'from item limit')}"
    assert len(overflow["curl"].rpartition("/items?limit=")[2]) == len("9223372036854775808'")
    missing = next(each for each in found["failures"] if each["exception"].startswith("KeyError"))
    assert missing["smallest"]["headers"] in ([], [["content-type", "application/json"]])
    assert overflow["curl"] in outcome.out
    assert not any(each["endpoint"] == "GET /healthy" for each in found["failures"])


def test_every_format_has_every_failure(broken):
    count = len(broken.found["failures"])
    (suite,) = ElementTree.parse(broken.folder / "cases.xml").getroot()
    assert suite.get("failures") == str(count)
    assert (broken.folder / "page.html").read_text().count('<article class="finding"') == count
    assert (broken.folder / "summary.md").read_text().count("curl -i") >= count


def line_of(file: str, text: str) -> int:
    """Give the number of the first line that has this in it."""
    return next(number for number, line in enumerate((APPS / file).read_text().splitlines(), 1) if text in line)


def test_the_repaired_twin_passes_the_same_frozen_set(payloads, broken):
    ran = payloads(*FASTAPI, "--env", "SAFE=1", "--replay", broken.found["set"], folder=broken.folder)
    assert ran.outcome.code == 0, ran.outcome.out
    assert ran.found["verdict"]["status"] == "ready", ran.found["verdict"]
    assert ran.found["sent"] > 300
    assert ran.found["failures"] == ran.found["unsteady"] == []


def test_routes_are_enough_and_the_repaired_twin_passes_the_same_frozen_set(payloads):
    ran = payloads(*FLASK, "--cases", "120")
    assert ran.outcome.code == 99
    assert {("ValueError", "pages"), ("TypeError", "login")} <= where(ran.found)
    assert ran.found["origins"] == {"built-in": ran.found["sent"]}
    repaired = payloads(*FLASK, "--env", "SAFE=1", "--replay", ran.found["set"], folder=ran.folder)
    assert repaired.outcome.code == 0, repaired.outcome.out
    assert repaired.found["set"] == ran.found["set"]
    assert repaired.found["sent"] == ran.found["sent"] == 120


@pytest.mark.parametrize(("safe", "code"), [("0", 99), ("1", 0)])
def test_a_listed_request_of_django_is_enough(payloads, tmp_path, safe, code):
    (tmp_path / "list.txt").write_text("GET /pages?page=2\n")
    ran = payloads("broken_django:app", "--urls", str(tmp_path / "list.txt"), "--env", f"SAFE={safe}", "--cases", "70")
    assert ran.outcome.code == code, ran.outcome.out
    assert where(ran.found) == (set() if code == 0 else {("ValueError", "page")})
    assert ran.found["endpoints"] == ["GET /pages"]


def test_the_set_is_sent_inside_ordinary_load_too(payloads):
    ran = payloads("broken_flask:app", "--env", "SAFE=1", "--cases", "60", "--rate", "60", "-t", "1s")
    beside = ran.found["beside_load"]
    assert ran.outcome.code == 0, ran.outcome.out
    assert 20 < beside["requests"] < 120
    assert 0 < beside["hostile"] <= 0.2 * beside["requests"]
    assert "under load" in ran.outcome.out


def test_a_process_that_dies_is_a_failure_and_is_started_again(payloads):
    ran = payloads("broken_flask:app", "--env", "KILLED=1", "--cases", "100")
    died = [each for each in ran.found["failures"] if each["died"]]
    assert ran.outcome.code == 99
    assert [each["endpoint"] for each in died] == ["GET /files/{name}"], ran.found["failures"]
    assert "%00" in died[0]["smallest"]["path"]
    assert ran.found["not_sent"] == ran.found["unsteady"] == []


def test_the_lines_and_tests_that_are_printed_do_it_again_and_hold_no_secret(broken, until, free_port):
    address = f"http://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    command = [sys.executable, "-m", "uvicorn", "--port", port, "--log-level", "critical", "broken_fastapi:app"]
    for safe, failing in (("0", True), ("1", False)):
        server = subprocess.Popen(command, cwd=broken.folder, env=os.environ | {"SAFE": safe})
        try:
            until(lambda: said(f"curl -s {address}/healthy"), 20)
            lines = [each["curl"].replace(broken.found["base_url"], address) for each in broken.found["failures"]]
            assert [" 500 " in said(line).splitlines()[0] for line in lines] == [failing] * len(lines)
            environ = os.environ | {"BASE_URL": address, "AUTHORIZATION": "x", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
            tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_again.py"]
            done = subprocess.run(tests, cwd=broken.folder, env=environ, capture_output=True, text=True, check=False)
            assert f"{len(lines)} {'failed' if failing else 'passed'}" in done.stdout, done.stdout
        finally:
            server.terminate()
            server.wait()
    files = [path.read_bytes() for path in broken.folder.rglob("*") if path.is_file()]
    assert not any(b"s3cret" in text for text in files)
    assert "s3cret" not in broken.outcome.out + broken.outcome.err


def test_an_interrupted_call_leaves_nothing_behind(start, until, tmp_path):
    for file in APPS.glob("*.py"):
        shutil.copy(file, tmp_path)
    call = start("payloads", *FLASK, "--out", "sets", cwd=tmp_path)
    until(lambda: "sending" in call.said(), 30)
    children = call.descendants()
    call.process.send_signal(signal.SIGINT)
    outcome = call.outcome(30)
    assert outcome.code == 130, outcome.err
    assert "interrupted" in outcome.err
    assert children
    until(lambda: not any(child.is_running() for child in children), 10)


def said(line: str) -> str:
    """Give what a line for a shell prints."""
    environ = os.environ | {"AUTHORIZATION": "Bearer x"}
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=environ, timeout=30, check=False)
    return done.stdout.decode("latin-1")
