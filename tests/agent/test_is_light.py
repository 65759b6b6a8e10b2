"""The agent is a light guest: standard library only, a quick start, no thread before the first request."""

import sys

import kit
import pytest

LOOK = """
import json, sys, threading
print(json.dumps({"modules": sorted(sys.modules), "threads": [t.name for t in threading.enumerate()],
                  "path": sys.path, "files": getattr(sys.modules.get("sitecustomize"), "__file__", "")}))
"""

BOOT = """
import os, runpy, sys, time
begin = time.perf_counter()
runpy.run_path(os.path.join(sys.argv[1], "sitecustomize.py"))
print((time.perf_counter() - begin) * 1000)
"""

APP = """
import asyncio, json, sys
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
async def home(request):
    return JSONResponse({"ok": True})
app = Starlette(routes=[Route("/", home)])
async def main():
    sent = []
    headers = [(b"x-nineam-sent", value.encode()) for value in sys.argv[1:]]
    async def receive(): return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message): sent.append(message)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": b"",
             "http_version": "1.1", "scheme": "http", "server": ("x", 80), "client": ("y", 1), "root_path": ""}
    await app(scope, receive, send)
    return [sent[0]["status"], sent[1]["body"].decode()]
print(json.dumps(asyncio.run(main())))
"""


@pytest.fixture
def bare(tmp_path):
    """An environment with the agent and a socket path where nobody listens."""
    return kit.environment(str(tmp_path / "nobody.sock"))


def test_the_agent_brings_nothing_beyond_the_standard_library(bare):
    plain = {key: value for key, value in bare.items() if key != "NINEAM_SOCKET"}
    with_agent = kit.answer_of(["-c", LOOK], bare)
    without = kit.answer_of(["-c", LOOK], plain)
    brought = {name.partition(".")[0] for name in set(with_agent["modules"]) - set(without["modules"])}
    assert brought - sys.stdlib_module_names == {"nineam_agent"}


def test_no_thread_runs_before_the_first_request(bare):
    assert kit.answer_of(["-c", LOOK], bare)["threads"] == ["MainThread"]


def test_the_agent_does_not_import_asyncio_into_a_program_that_does_not_use_it(bare):
    loaded = set(kit.answer_of(["-c", LOOK], bare)["modules"])
    plain = set(kit.answer_of(["-c", LOOK], {**bare, "NINEAM_AGENT": "off"})["modules"])
    # ssl above all: whoever replaces sockets (gevent) must do so before anybody has imported it
    heavy = {"asyncio", "ssl", "logging", "inspect", "typing", "concurrent.futures", "subprocess"}
    brought = sorted((loaded - plain) & heavy)
    assert brought == []


def test_the_agent_starts_in_less_than_50_ms(bare):
    best = min(float(kit.run(["-c", BOOT, kit.INJECT], {**bare, "PYTHONPATH": ""}).stdout) for _ in range(5))
    assert best < 50


def test_its_directory_is_gone_from_the_path_once_it_is_loaded(bare):
    assert kit.INJECT not in kit.answer_of(["-c", LOOK], bare)["path"]


@pytest.mark.parametrize("switch", ["on", "off"])
def test_the_sitecustomize_it_stands_in_front_of_still_runs(bare, tmp_path, switch):
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.was_here = __name__\n")
    environment = {**bare, "PYTHONPATH": f"{kit.INJECT}:{tmp_path}", "NINEAM_AGENT": switch}
    code = "import builtins, sys; print(builtins.was_here, sys.modules['sitecustomize'].__file__)"
    child = kit.run(["-c", code], environment)
    assert child.stdout.split() == ["sitecustomize", str(tmp_path / "sitecustomize.py")], child.stderr


def test_a_sitecustomize_that_fails_is_reported_as_without_the_agent(bare, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("raise RuntimeError('theirs')\n")
    child = kit.run(["-c", "print('on')"], {**bare, "PYTHONPATH": f"{kit.INJECT}:{tmp_path}"})
    assert (child.returncode, child.stdout) == (0, "on\n")
    assert "theirs" in child.stderr
    assert "the agent did not start" not in child.stderr


@pytest.mark.parametrize("more", [{"NINEAM_AGENT": "off"}, {"NINEAM_SOCKET": ""}], ids=["off", "no socket"])
def test_switched_off_it_does_nothing(bare, more):
    seen = kit.answer_of(["-c", LOOK], {**bare, **more})
    assert not [name for name in seen["modules"] if name.startswith("nineam")]
    assert kit.INJECT not in seen["path"]


def test_without_a_controller_the_application_answers_as_ever(bare):
    assert kit.answer_of(["-c", APP], bare) == [200, '{"ok":true}']


@pytest.mark.parametrize("sent", ["-1", "9" * 30, "x", ""])
def test_a_request_with_a_hostile_header_is_answered_as_ever(bare, sent):
    assert kit.answer_of(["-c", APP, sent], bare) == [200, '{"ok":true}']


def test_a_controller_that_does_not_listen_to_the_token_does_no_harm():
    with kit.FakeController() as controller:
        assert kit.answer_of(["-c", APP], kit.environment(controller.path, NINEAM_TOKEN="wrong")) == [
            200,
            '{"ok":true}',
        ]


def test_an_agent_that_cannot_start_says_so_and_lets_the_application_run(bare):
    broken = "import sys; sys.modules['struct'] = None"
    child = kit.run(
        ["-c", f"{broken}\nimport runpy\nrunpy.run_path({kit.INJECT + '/sitecustomize.py'!r})\nprint('on')"],
        {**bare, "PYTHONPATH": ""},
    )
    assert child.stdout == "on\n"
    assert "the application goes on without it" in child.stderr


def test_built_in_modules_still_import_after_gc_was_hooked(bare):
    code = """
import warnings
warnings.simplefilter("error")
import sys
from importlib.machinery import BuiltinImporter
before = "exec_module" in vars(BuiltinImporter)
import gc
print(before, "exec_module" in vars(BuiltinImporter), len(gc.callbacks))
"""
    assert kit.run(["-c", code], bare).stdout.split() == ["True", "True", "1"]
