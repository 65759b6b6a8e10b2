"""Nothing that the controller started may outlive it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from nineam.app import guard

GUARD = str(guard.__file__)


def start_guard(*command: str, grace: str = "5", **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", GUARD, "--grace", grace, "--", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def stopped(process: subprocess.Popen) -> int:
    process.stdin.close()
    code = process.wait(15)
    process.stdout.close()
    return code


@pytest.mark.parametrize(("command", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)])
def test_guard_ends_with_the_exit_code_of_its_command(command, code):
    process = start_guard("sh", "-c", command)
    assert process.wait(15) == code
    stopped(process)


def test_guard_reports_the_pid_of_its_command_first():
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [
            sys.executable,
            GUARD,
            "--report-fd",
            str(writing),
            "--",
            "sh",
            "-c",
            "echo $$; exec cat /dev/zero >/dev/null",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[writing],
    )
    os.close(writing)
    with os.fdopen(reading) as report:
        assert report.read() == process.stdout.readline()
    assert stopped(process) == 128 + signal.SIGTERM


@pytest.mark.parametrize(("command", "code"), [("/nowhere/at-all", 127), ("/etc", 126)])
def test_guard_tells_a_command_that_is_missing_from_one_that_may_not_run(command, code):
    process = start_guard(command)
    assert process.wait(15) == code
    assert stopped(process) == code


def test_guard_runs_as_a_module_too():
    arguments = [sys.executable, "-m", "nineam.app.guard", "--", "sh", "-c", "exit 5"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE) as guard:  # an end of its input would mean: stop
        assert guard.wait(30) == 5


def test_guard_kills_what_ignores_sigterm_and_left_the_group_once_the_grace_period_is_over(apps, all_gone):
    process = start_guard(sys.executable, str(apps / "listener.py"), "stubborn", grace="0.3")
    pids = [int(process.stdout.readline().split()[1]) for _ in range(2)]
    started = time.monotonic()
    assert stopped(process) == 137
    assert 0.3 <= time.monotonic() - started < 5
    all_gone(pids, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt its descendants")
def test_guard_ends_a_detached_daemon(apps, all_gone):
    process = start_guard(sys.executable, str(apps / "listener.py"), "daemon")
    pid = int(process.stdout.readline().split()[1])
    stopped(process)
    all_gone([pid], 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt its descendants")
def test_guard_ends_what_a_command_left_behind_when_it_ended_by_itself(all_gone):
    process = start_guard("sh", "-c", "setsid sleep 1000 & echo $!; exit 4")
    pid = int(process.stdout.readline())
    assert process.wait(15) == 4
    all_gone([pid], 1)
    stopped(process)


def test_guard_leaves_ctrl_c_to_the_controller_and_treats_sigterm_as_the_end(all_gone):
    process = start_guard("sh", "-c", "echo $$; exec sleep 1000")
    pid = int(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 128 + signal.SIGTERM
    all_gone([pid], 1)
    stopped(process)


def test_the_command_of_a_guard_can_be_interrupted_itself():
    script = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, flush=True)"
    process = start_guard(sys.executable, "-c", script)
    assert process.stdout.readline() == "True\n"
    stopped(process)


@pytest.mark.skipif(sys.platform != "linux", reason="the signal on a parent's death is Linux's")
def test_killing_the_guard_itself_ends_the_command(all_gone):
    process = start_guard("sh", "-c", "echo $$; exec sleep 1000")
    pid = int(process.stdout.readline())
    process.kill()
    process.wait(15)
    all_gone([pid], 5)
    stopped(process)


def test_a_waiting_guard_burns_no_processor_time():
    process = start_guard("sh", "-c", "echo up; for i in 1 2 3 4 5; do sleep 0.1; done; echo down; exec sleep 1000")
    process.stdout.readline()
    before = sum(psutil.Process(process.pid).cpu_times()[:2])
    process.stdout.readline()
    assert sum(psutil.Process(process.pid).cpu_times()[:2]) - before <= 0.02
    stopped(process)


SERVERS = {
    "gunicorn": ["gunicorn", "--no-control-socket", "--workers", "2", "--bind", "127.0.0.1:0", "plain_wsgi"],
    "uvicorn": ["uvicorn", "--port", "0", "plain_asgi:app"],
    "uvicorn workers": ["uvicorn", "--port", "0", "--workers", "2", "plain_asgi:app"],
}


@pytest.mark.parametrize("server", SERVERS)
def test_a_controller_killed_with_sigkill_leaves_no_server_process(server, apps, all_gone):
    controller = subprocess.Popen(
        [sys.executable, str(apps / "controller.py"), sys.executable, "-m", *SERVERS[server]],
        cwd=apps,
        stdout=subprocess.PIPE,
        text=True,
    )
    pids = json.loads(controller.stdout.readline())
    guards = [child.pid for child in psutil.Process(controller.pid).children()]
    assert pids
    assert guards
    assert Path(f"/proc/{pids[0]}").exists() or sys.platform != "linux"
    controller.kill()
    controller.wait(15)
    controller.stdout.close()
    all_gone([*pids, *guards])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_guard_runs_the_command_as_another_user():
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", GUARD, "--uid", "65534", "--gid", "65534", "--", "sh", "-c", "id -u; id -G"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    assert process.stdout.read().split() == ["65534", "65534"]
    assert stopped(process) == 0
