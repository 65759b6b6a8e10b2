"""The proxy as a process: what passes it is untouched, who may speak to it, and that nothing of it is left."""

import contextlib
import hashlib
import os
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import psutil
import pytest

from nineam.errors import NineamError, UsageError
from nineam.faults.client import FaultProxy
from nineam.faults.kinds import FAULTS
from nineam.model.fault import Upstream

CONNECTIONS = 1000
CONTROLLER = """
import sys
from nineam.faults.client import FaultProxy
from nineam.faults.kinds import FAULTS
from nineam.model.fault import Upstream
proxy = FaultProxy.start([Upstream(name="dependency", host="127.0.0.1", port=int(sys.argv[1]))])
needs = {"bandwidth": {"rate": 1}, "limit_data": {"bytes": 1}, "cut_after": {"bytes": 1}}
proxy.apply(sys.argv[2], needs.get(sys.argv[2]))
print(proxy.pid, proxy.ports["dependency"], proxy._directory, flush=True)
if sys.argv[3] == "forks":
    import os
    if os.fork() == 0:
        os.setsid()
sys.stdin.read()
"""


def start(dependency):
    return FaultProxy.start([Upstream(name="dependency", host="127.0.0.1", port=dependency.port)])


# --- without a fault ---


def test_what_is_said_arrives_whole_in_both_directions(talk, dependency):
    each, size = talk(), 5_000_000
    data = os.urandom(size)
    each.send(b"take %d\n" % size)
    each.send(data)
    assert each.line().decode().strip() == hashlib.sha256(data).hexdigest()
    received = each.give(size)
    assert (received[:512], len(received)) == (bytes(range(256)) * 2, size)


def test_who_reads_slowly_holds_the_dependency_up_instead_of_filling_the_proxy(proxy, talk):
    each, size = talk(), 60_000_000
    before = psutil.Process(proxy.pid).memory_info().rss
    each.send(b"give %d\n" % size)
    each.exactly(1_000_000)
    assert proxy.counts()[0].bytes_down < size / 2
    assert psutil.Process(proxy.pid).memory_info().rss - before < size / 4


def test_the_end_of_one_direction_leaves_the_other_open(talk, dependency):
    each = talk()
    each.send(b"give 1000\n")
    each.socket.shutdown(socket.SHUT_WR)
    received, how = each.rest()
    assert (len(received), how) == (1000, "closed")
    assert b"(end)" in dependency.seen


def test_a_reset_by_the_dependency_is_a_reset_for_the_application(talk):
    each = talk()
    each.echo()
    each.send(b"reset\n")
    assert each.rest() == (b"", "reset")


def test_a_dependency_that_speaks_first_is_heard(dependency, talk):
    dependency.greeting = b"welcome\n"
    try:
        assert [talk().line() for _ in range(20)] == [b"welcome\n"] * 20
    finally:
        dependency.greeting = b""


def test_a_dependency_that_is_not_there_resets_and_is_counted(free_port):
    port = free_port()
    with FaultProxy.start([Upstream(name="nobody", host="127.0.0.1", port=port)]) as proxy:
        # it may come at any moment, that of connecting included
        with (
            pytest.raises(ConnectionResetError),
            socket.create_connection(("127.0.0.1", proxy.ports["nobody"]), 20) as attempt,
        ):
            attempt.recv(1)
        (count,) = proxy.counts()
        assert (count.unreachable, count.living) == (1, 0)


def test_flights_are_counted_as_turns(dependency, talk):
    with start(dependency) as proxy:
        each = talk(proxy.ports["dependency"])
        for _ in range(7):
            each.echo()
        each.give(1_000_000)
        (count,) = proxy.counts()
    assert (count.flights_up, count.flights_down) == (8, 8)
    assert count.bytes_down == 7 * len("hello\n") + 1_000_000


def test_a_thousand_connections_are_held_and_every_one_meets_a_fault_at_once(dependency, eventually, talk):
    with start(dependency) as proxy, ThreadPoolExecutor(8) as workers:
        connections = list(workers.map(lambda _: talk(proxy.ports["dependency"]), range(CONNECTIONS)))
        assert set(workers.map(lambda each: each.echo(), connections)) == {"hello"}
        assert proxy.counts()[0].living == CONNECTIONS
        proxy.apply("stall")
        for each in connections:
            each.send(b"echo held\n")
        eventually(lambda: proxy.counts()[0].fault("stall").connections == CONNECTIONS)
        proxy.heal()
        assert {each.line() for each in connections} == {b"held\n"}
        for each in connections:
            each.close()
        eventually(lambda: proxy.counts()[0].living == 0)


# --- who may speak ---


def test_the_control_socket_is_this_user_s_and_wants_the_token(dependency):
    with start(dependency) as proxy:
        path = proxy._directory / "faults.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        for hello in (b'{"do": "hello", "token": "guessed"}\n', b'{"do": "stop"}\n', b"{}\n", b"\xff\n", b"[" * 9999):
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.settimeout(20)
                stranger.connect(str(path))
                stranger.sendall(hello + b'{"do": "stop"}\n')
                assert stranger.recv(100) == b""
        assert proxy.counts()


def test_the_token_is_on_no_command_line_and_in_no_environment(dependency):
    with start(dependency) as proxy:
        process = psutil.Process(proxy.pid)
        assert process.cmdline()[1:] == ["-P", "-m", "nineam.faults.proxy"]
        assert "token" not in " ".join(process.environ()).lower()


def test_an_upstream_that_does_not_exist_is_told_with_the_nearest_one(proxy):
    for ask in (lambda: proxy.apply("down", upstream="dependancy"), lambda: proxy.heal(upstream="dependancy")):
        with pytest.raises(UsageError, match="did you mean dependency"):
            ask()


def test_a_proxy_that_was_killed_is_an_error_and_can_still_be_stopped(dependency):
    proxy = start(dependency)
    os.kill(proxy.pid, signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(NineamError, match="fault proxy") as raised:
            proxy.counts()
        assert raised.value.hint
    directory = proxy._directory
    proxy.stop()
    proxy.stop()
    assert not directory.exists()


# --- its end ---


@pytest.mark.parametrize("fault", ["down", "connect_blackhole", "stall", "flap", "latency"])
@pytest.mark.parametrize("how", ["waits", "forks"])
def test_a_killed_controller_takes_the_proxy_with_it_and_the_dependency_still_answers(
    dependency, talk, eventually, fault, how
):
    controller = subprocess.Popen(
        [sys.executable, "-c", CONTROLLER, str(dependency.port), fault, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        pid, port, directory = controller.stdout.readline().split()
        process = psutil.Process(int(pid))
        controller.send_signal(signal.SIGKILL)
        controller.wait(20)
        eventually(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
        eventually(lambda: not Path(directory).exists())
        assert talk(dependency.port).echo() == "hello"
        with pytest.raises(ConnectionRefusedError):
            talk(int(port))
    finally:
        controller.stdin.close()
        controller.stdout.close()


@pytest.mark.slow
def test_controllers_killed_at_random_moments_leave_no_process_and_no_file(dependency, eventually, tmp_path):
    chance = Random(9)
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    for _ in range(100):
        controller = subprocess.Popen(
            [sys.executable, "-c", CONTROLLER, str(dependency.port), chance.choice(FAULTS).NAME, "waits"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            controller.wait(chance.uniform(0, 1.0))
        controller.kill()
        controller.wait(20)
        controller.stdin.close()
        controller.stdout.close()
    eventually(lambda: not processes_with(str(tmp_path)))
    assert list(tmp_path.glob("nineam-*")) == []


def processes_with(folder):
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("TMPDIR") == folder and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def test_a_stopped_proxy_resets_its_connections_and_leaves_nothing(dependency, talk):
    proxy = start(dependency)
    each = talk(proxy.ports["dependency"])
    each.echo()
    directory = proxy._directory
    assert directory.exists()
    proxy.stop()
    assert each.rest() == (b"", "reset")
    assert not directory.exists()
    assert not psutil.pid_exists(proxy.pid)


def test_a_proxy_that_is_told_to_terminate_ends_itself(dependency):
    proxy = start(dependency)
    os.kill(proxy.pid, signal.SIGTERM)
    assert proxy._process.wait(20) == 0
    assert not proxy._directory.exists()
    proxy.stop()
