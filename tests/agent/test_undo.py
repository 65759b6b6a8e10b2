"""Stopping the agent leaves the process as it was before."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kit
import pytest

for library in ("fastapi", "flask", "sqlalchemy", "psycopg"):
    pytest.importorskip(library, reason=f"{library} is what is hooked and unhooked here")

INSTALLERS: Any = import_module("nineam.agent.integrations").INSTALLERS


@pytest.fixture(scope="module", params=["libraries first", "agent first"])
def seen(request):
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, PYTHONPATH="", AGENT=str(Path(kit.INJECT).parent))
        return kit.answer_of([str(kit.CHILDREN / "undo.py"), request.param], environment)


def test_every_library_was_hooked_and_served_a_request(seen):
    assert seen["status"] == 200
    assert len(seen["patched"]) > 30
    assert set(seen["hooks"].values()) == {"active"}


def test_every_attribute_is_the_very_object_it_was_before(seen):
    assert seen["changed"] == []


def test_no_inherited_attribute_is_left_behind_as_an_own_one(seen):
    assert seen["added"] == []


def test_no_name_of_a_module_leads_to_a_replacement_any_more(seen):
    assert seen["left"] == []


def test_the_event_loop_schedules_as_before(seen):
    assert seen["call_soon"] == []


def test_the_garbage_collector_has_its_callbacks_as_before(seen):
    assert seen["callbacks"]


def test_the_import_system_has_its_finders_as_before(seen):
    assert seen["finders"]


def test_no_link_is_left_between_middlewares(seen):
    assert seen["links"] == []


def test_no_thread_is_left(seen):
    assert seen["threads"] == []


DJANGO = ("django", "rest_framework", "asgiref")
"""Undone in a project of their own (test_django_behaviour.py)."""


def everything():
    """Every module with an integration whose library is here, and whether it is a Django project's."""
    return [name for name in INSTALLERS if name.partition(".")[0] not in DJANGO and is_here(name)]


def is_here(name):
    try:
        return find_spec(name) is not None
    except ImportError:
        return False


@pytest.fixture(scope="module", params=["libraries first", "agent first"])
def all_of_them(request):
    with kit.FakeController() as controller:
        environment = kit.environment(controller.path, PYTHONPATH="", AGENT=str(Path(kit.INJECT).parent))
        script = ["-W", "ignore", str(kit.CHILDREN / "undo.py"), request.param, *everything()]
        return kit.answer_of(script, environment)


def test_every_integration_there_is_was_at_work(all_of_them):
    assert set(everything()) <= set(all_of_them["hooks"])
    assert set(all_of_them["hooks"].values()) == {"active"}


@pytest.mark.parametrize("what", ["changed", "added", "left", "call_soon", "links", "threads"])
def test_no_integration_leaves_anything(all_of_them, what):
    assert all_of_them[what] == []


def test_every_integration_s_module_is_named_as_it_is_imported():
    """A library that is here and a module that is not: the library has moved it, and nobody would notice."""
    there = [name for name in INSTALLERS if is_here(name.partition(".")[0]) and name.partition(".")[0] not in DJANGO]
    assert [name for name in there if not is_here(name)] == []
