"""Importing is free of side effects: no threads, no files, no output, nothing heavy behind `import nineam`."""

import json
import subprocess
import sys

import pytest
from sources import files, module_name

HEAVY = [
    "asyncio",
    "numpy",
    "rich",
    "uvloop",
    "httptools",
    "msgspec",
    "sqlglot",
    "jinja2",
    "psutil",
    "click",
    "sqlite3",
]

# scripts: they are what runs, not what is imported; and the shop makes its application when it is imported
SCRIPTS = {"nineam.agent.inject.sitecustomize", "nineam.app.probe.__main__", "nineam.app.guard"}
SCRIPTS |= {"nineam.app.clone_settings.nineam_clone_settings", "nineam.trials.inject.sitecustomize"}
SHOP = "nineam.demo.shop"

LOOK = """
import importlib, json, os, signal, sys, threading
modules = json.loads(sys.argv[1])
before = (set(os.environ.items()), os.getcwd(), signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))
def open_files():
    links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    return {os.readlink(link) for link in links if os.path.exists(link)}
files = open_files()
noticed = []
for name in modules:
    importlib.import_module(name)
    if threading.active_count() > 1:
        noticed.append(name + " starts a thread")
    now = (set(os.environ.items()), os.getcwd(), signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))
    if now != before:
        noticed.append(name + " changes the environment, the directory or a signal handler")
    if new := {path for path in open_files() - files if not path.startswith(("anon_inode", "/proc"))}:
        noticed.append(name + " leaves open " + ", ".join(new))
    before, files = now, open_files()
print(json.dumps(noticed))
"""


def child(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def test_importing_nineam_imports_nothing_heavy():
    code = "import sys; before = set(sys.modules); import nineam; print(*sorted(set(sys.modules) - before))"
    answer = child(code)
    assert answer.returncode == 0, answer.stderr
    loaded = {name.partition(".")[0] for name in answer.stdout.split()}
    assert not loaded & set(HEAVY)


def test_importing_the_names_of_a_monday_file_does_not_import_the_whole_product():
    code = "import sys; from nineam import check, journey; print(*sys.modules)"
    loaded = set(child(code).stdout.split())
    assert not loaded & {"rich", "click", "sqlglot", "jinja2", "nineam.cli", "nineam.monday"}


def test_every_module_can_be_imported_without_side_effects():
    pytest.importorskip("fastapi", reason="the shop is an extra")
    names = [module_name(file) for file in files()]
    names = [name for name in names if name not in SCRIPTS and not name.startswith(SHOP)]
    answer = child(LOOK, json.dumps(names))
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == [], "importing must do nothing"
    assert answer.stderr == ""


def test_every_module_can_be_imported_alone():
    """No module counts on another having been imported before it (an import cycle shows here)."""
    names = [module_name(file) for file in files() if "shop" not in file.parts]
    code = """
import contextlib, importlib, json, os, sys, traceback
names = json.loads(sys.argv[1])
reading, writing = os.pipe()
if os.fork() == 0:
    for name in names:
        with contextlib.suppress(BaseException):
            __import__(name)
    others = [name for name in sys.modules if name.partition(".")[0] != "nineam"]
    os.write(writing, json.dumps(others).encode())
    os._exit(0)
os.close(writing)
for name in json.loads(open(reading).read()):  # what others wrote need not be read six hundred times
    with contextlib.suppress(BaseException):
        importlib.import_module(name)
assert not [name for name in sys.modules if name.partition(".")[0] == "nineam"]
for name in names:
    child = os.fork()
    if child == 0:
        try:
            __import__(name)
        except BaseException:
            sys.stderr.write(name + "\\n" + traceback.format_exc())
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(name + " cannot be imported alone")
"""
    answer = child(code, json.dumps([name for name in names if name not in SCRIPTS]))
    assert answer.returncode == 0, answer.stderr
