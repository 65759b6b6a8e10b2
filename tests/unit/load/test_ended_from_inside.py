"""Journeys that end, stop or leave behind processes: the words are theirs, and nothing stays."""

import asyncio
import os
import signal
import textwrap
import time

import psutil
import pytest

from nineam.errors import NineamError, UntrustworthyError, UsageError
from nineam.load import process as process_module
from nineam.load.process import LoadProcess
from nineam.load.selftest import Stub
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase, RequestSpec

HEAD = "import asyncio, os, signal, time\nfrom nineam import check, journey, metric\n\n@journey\nasync def a(user):\n"


async def _play(plan, on_event):
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
    process = LoadProcess()
    stats = LoadStats()
    try:
        await process.start(LoadPlan(base_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", **plan))
        async for event in process.run(Phase(name="monday", executor="constant-vus", vus=2, duration_s=0.8)):
            stats = merge(stats, event.stats)
            on_event(process)
    finally:
        await process.stop()
        server.close()
    return stats


def lives(pid):
    """Whether a process is there and not merely unburied, given a moment to go."""
    for _ in range(100):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return False
        except psutil.NoSuchProcess:
            return False
        time.sleep(0.02)
    return True


def play(on_event=lambda _: None, **plan):
    return asyncio.run(_play(plan, on_event))


@pytest.fixture
def journeys(tmp_path):
    def write(body):
        file = tmp_path / "monday.py"
        file.write_text(HEAD + textwrap.indent(textwrap.dedent(body), "    "))
        return {"journeys_file": str(file)}

    return write


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("os._exit(0)", r"monday\.py:6 ended the load process: os\._exit\(0\)"),
        ("asyncio.get_running_loop().stop()", "something in the journeys stopped the event loop"),
        (
            "for task in asyncio.all_tasks(): task.cancel()\nawait user.get('/')",
            "something in the journeys cancelled the tasks",
        ),
    ],
)
def test_a_journey_that_ends_the_load_is_told_so(journeys, body, words):
    with pytest.raises(UsageError, match=words) as ended:
        play(**journeys(body))
    assert ended.value.hint


def test_a_process_that_dies_otherwise_is_looked_for_in_the_journeys_first(journeys):
    with pytest.raises(NineamError, match="the load process died with exit code -6") as died:
        play(**journeys("os.abort()"))
    assert died.value.hint.startswith("Look into monday.py: it runs in that process")
    assert not any("Fatal Python error: _enter_buffered_busy" in line for line in died.value.details)


def test_a_journey_may_close_the_standard_streams(journeys):
    closing = """
        for descriptor in (0, 1):
            try: os.close(descriptor)
            except OSError: pass
        await user.think(0.05)
    """
    assert play(**journeys(closing)).iterations > 0


def test_half_a_character_in_a_name_is_spelt_out(journeys):
    body = """
        await user.get("/", name="x\\ud800")
        check("y\\udfff", True)
        raise ValueError("z\\ud800")
    """
    stats = play(**journeys(body))
    assert [endpoint.name for endpoint in stats.endpoints] == ["GET x\\ud800"]
    assert [check.name for check in stats.checks] == ["y\\udfff"]
    assert [problem.message for problem in stats.problems] == ["ValueError: z\\ud800"]
    assert stats.endpoints[0].requests == stats.iterations


def test_what_a_journey_forks_ends_with_the_load(journeys, tmp_path):
    forked = f"""
        if not user.state.get("forked"):
            user.state.forked = os.fork()
            if user.state.forked == 0:
                time.sleep(600)
            open({str(tmp_path / "pids")!r}, "a").write(f"{{user.state.forked}}\\n")
        await user.get("/")
    """
    assert play(**journeys(forked)).iterations > 0
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert not [pid for pid in pids if lives(pid)]


def test_a_load_process_that_was_stopped_ends_the_run(monkeypatch):
    monkeypatch.setattr(process_module, "LOOK_EVERY_S", 0.2)
    pids = []

    def stop(process):
        pids.append(process.pid)
        os.kill(process.pid, signal.SIGSTOP)

    monkeypatch.setattr(process_module, "STOP_TIMEOUT_S", 0.1)
    with pytest.raises(UntrustworthyError, match=r"the load process was stopped \(SIGSTOP\)"):
        play(stop, requests=(RequestSpec(method="GET", path="/", name="GET /"),))
    assert not psutil.pid_exists(pids[0])


def test_a_load_process_that_is_only_quiet_is_waited_for(monkeypatch, journeys):
    monkeypatch.setattr(process_module, "LOOK_EVERY_S", 0.1)
    assert play(**journeys("await user.get('/')")).iterations > 0
