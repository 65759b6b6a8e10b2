"""However a run ends, nothing of it stays behind and what was measured stays readable."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

MONDAY = "\nMonday "
LONG = ("--users", "2", "--think", "0.05", "--duration", "60s", "--localhost-time", "0.5", "--stair-time", "0.5")


@pytest.fixture
def climbing(start, until, shop, other_python):
    """Start a run and wait until Monday's first stair is over; the run and its folder."""
    run = start("run", "fastapi_shop:app", "--python", str(other_python), *LONG, cwd=shop)
    until(lambda: MONDAY in run.said() or run.process.poll() is not None, 40.0)
    assert run.process.poll() is None, run.said()
    return run, shop


def run_file(folder):
    (file,) = (folder / ".nineam").glob("run-*.db")
    return file


def test_a_killed_nineam_leaves_no_process_behind_and_a_run_file_that_reads(climbing, until, nineam):
    run, folder = climbing
    below = run.descendants()
    commands = [" ".join(process.cmdline()) for process in below]
    assert any("uvicorn" in command for command in commands), commands
    assert any("nineam.load" in command for command in commands), commands
    run.process.send_signal(signal.SIGKILL)
    run.process.wait(10)
    gone = [process for process in below if not process.is_running()]
    until(lambda: not psutil.wait_procs([each for each in below if each not in gone], timeout=0.2)[1], 20.0)
    report = nineam("report", str(run_file(folder)), "--json", "-", cwd=folder)
    assert report.code == 0, report.err
    document = json.loads(report.out)
    assert document["localhost"]["endpoints"]["GET /orders"]["requests"] > 0
    assert document["stairs"]


def test_control_c_reports_what_was_measured_and_keeps_the_run(climbing, until, nineam):
    run, folder = climbing
    below = run.descendants()
    run.process.send_signal(signal.SIGINT)
    outcome = run.outcome(30.0)
    outcome.refuses(130, "interrupted", str(run_file(folder).name), hint=False)
    assert "GET /orders" in outcome.out
    assert not psutil.wait_procs(below, timeout=10)[1]
    report = nineam("report", str(run_file(folder)), "--json", "-", cwd=folder)
    assert json.loads(report.out)["interrupted"] is True


def test_control_c_while_the_application_starts_is_an_interruption_without_a_run(start, until, tmp_path):
    (tmp_path / "waits.py").write_text("import signal\nsignal.pause()\n")
    run = start("run", "--", "python3", "waits.py", cwd=tmp_path)
    until(lambda: "starting" in run.said() and run.descendants(), 20.0)
    below = run.descendants()
    run.process.send_signal(signal.SIGINT)
    run.outcome(20.0).refuses(130, "interrupted", hint=False)
    assert not psutil.wait_procs(below, timeout=10)[1]
    assert not list(tmp_path.glob(".nineam/run-*"))


def test_a_terminated_nineam_takes_everything_with_it(climbing, until):
    run, _ = climbing
    below = run.descendants()
    run.process.send_signal(signal.SIGTERM)
    run.process.wait(20)
    assert not psutil.wait_procs(below, timeout=20)[1]


def test_a_background_job_ends_when_it_is_told_to(tmp_path, until):
    """A shell starts what runs in the background deaf to SIGINT; that must not make it deaf to SIGTERM."""
    (tmp_path / "waits.py").write_text("import signal\nopen('here', 'w').close()\nsignal.pause()\n")
    script = f"{Path(sys.executable).with_name('nineam')} run waits:app >/dev/null 2>&1 & echo $!"
    pid = int(subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout)
    job = psutil.Process(pid)
    until((tmp_path / "here").exists, 20.0)
    below = job.children(recursive=True)
    job.terminate()
    assert not psutil.wait_procs([job, *below], timeout=20)[1]


def test_an_application_that_dies_in_mid_run_is_reported_with_its_last_words_and_the_run_is_kept(
    nineam, shop, other_python, short
):
    options = ("--python", str(other_python), "--users", "2", "--think", "0", *short)
    outcome = nineam("run", "mortal:app", *options, cwd=shop)
    outcome.refuses(3, "died in mid-run (exit code 7)", "the till is on fire")
    assert "GET /" in outcome.out
    report = nineam("report", str(run_file(shop)), cwd=shop)
    assert report.code == 0, report.err
    assert "GET /" in report.out
