"""HTTP clients, locks, thread pools, logging and hashing behave as without the agent, and are as before it went."""

from pathlib import Path

import kit
import pytest

LIBRARIES = ("fastapi", "requests", "urllib3", "httpx", "aiohttp", "bcrypt", "orjson", "argon2", "passlib")
for library in LIBRARIES:
    pytest.importorskip(library, reason=f"{library} is part of what must not change")

NAMES = (
    "signatures", "c_functions", "clients", "executors", "logs", "asynchronous_clients", "asynchronous_executors",
    "locks",
)  # fmt: skip
HOOKED = (
    "requests", "urllib3", "httpx", "httpcore", "aiohttp", "http.client", "logging", "threading", "asyncio.locks",
    "concurrent.futures.thread", "hashlib", "bcrypt", "argon2", "passlib.context", "orjson", "wsgiref.handlers",
    "uvicorn.protocols.http.h11_impl", "uvicorn.protocols.http.httptools_impl", "werkzeug.serving",
)  # fmt: skip
SERVERS = ("gunicorn.workers.sync", "gunicorn.workers.gthread", "hypercorn.app_wrappers", "waitress.task")


@pytest.fixture(scope="module")
def both():
    script = ["-W", "ignore", str(kit.CHILDREN / "clients_behaviour.py")]
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path)
        with_agent = kit.answer_of(script, environment)
        without = kit.answer_of(script, {**environment, "NINEAM_AGENT": "off"})
    assert (with_agent["agent"], without["agent"]) == (True, False)
    return with_agent["done"], without["done"]


@pytest.mark.parametrize("name", NAMES)
def test_behaviour_is_the_same_with_the_agent(both, name):
    with_agent, without = both
    assert with_agent[name] == without[name]
    assert without[name] != "Internal Server Error"


@pytest.fixture(scope="module", params=["libraries first", "agent first"])
def undone(request):
    for library in ("gunicorn", "hypercorn", "waitress"):
        pytest.importorskip(library, reason=f"{library} is hooked and unhooked here")
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, PYTHONPATH="", AGENT=str(Path(kit.INJECT).parent))
        return kit.answer_of([str(kit.CHILDREN / "undo.py"), request.param, *HOOKED, *SERVERS], environment)


def test_everything_was_hooked(undone):
    assert set(undone["hooks"].values()) == {"active"}
    assert {"Session.send", "HTTPConnectionPool.urlopen", "hashlib.scrypt", "SyncWorker.handle_request"} <= set(
        undone["patched"]
    )


def test_everything_is_the_very_object_it_was_before(undone):
    assert undone["changed"] == []
    assert undone["added"] == []
    assert undone["left"] == []
