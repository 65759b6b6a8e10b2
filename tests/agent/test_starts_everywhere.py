"""The agent runs on every Python from 3.9 on."""

import ast
import re
import shutil
import sys
from pathlib import Path

import kit
import pytest

AGENT = Path(kit.INJECT).parent

SCRIPT = """
import sys
from nineam_agent import boot
from nineam_agent.request import Request, current
assert boot._agent is not None
import gc, json, sqlite3, asyncio
agent = boot._agent
request = Request("GET", 0)
request.endpoint = agent.names.get("endpoint", "GET /x")
agent.recorder.begin()
token = current.set(request)
db = sqlite3.connect(":memory:")
db.execute("SELECT 1").fetchall()
json.loads(json.dumps([1]))
gc.collect()
current.reset(token)
agent.recorder.finish(request)
print("%d.%d" % sys.version_info[:2])
"""


def interpreters():
    """Every Python from 3.9 to 3.15 on this machine, one for each version."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": sys.executable}
    homes = [Path.home() / ".pyenv" / "versions", Path("/opt"), Path("/usr/local")]
    for minor in range(9, 16):
        name = f"python3.{minor}"
        there = [str(path) for home in homes for path in sorted(home.glob(f"*/bin/{name}"))]
        on_path = shutil.which(name)
        # a version manager's shim answers for versions that are not there
        if on_path and "shims" not in on_path:
            there.append(on_path)
        if there:
            found.setdefault(f"3.{minor}", there[0])
    return sorted(found.items(), key=lambda item: int(item[0].partition(".")[2]))


@pytest.mark.parametrize("file", sorted(AGENT.rglob("*.py")), ids=lambda file: str(file.relative_to(AGENT)))
def test_the_agent_is_written_in_python_3_9(file):
    ast.parse(file.read_text(), filename=str(file), feature_version=(3, 9))


@pytest.mark.parametrize(("version", "python"), interpreters(), ids=lambda value: re.sub(r"\W", "_", value))
def test_the_agent_starts_and_reports_on(version, python):
    with kit.FakeController() as controller:
        child = kit.run(["-c", SCRIPT], kit.environment(controller.path), python)
        assert child.returncode == 0, child.stderr
        assert child.stdout.strip() == version
        assert child.stderr == ""
        controller.settle()
        (hello,) = controller.hellos
        assert hello["token"] == kit.TOKEN
        assert hello["python"].startswith(version + ".")
        request = controller.request("GET /x")
        assert kit.sum_of_layers(request) == request.total_ns
        assert {"db_execute", "serializer"} <= request.layers.keys()
