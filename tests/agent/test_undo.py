"""Stopping the agent leaves the process as it was before."""

from pathlib import Path

import kit
import pytest

for library in ("fastapi", "flask", "sqlalchemy", "psycopg"):
    pytest.importorskip(library, reason=f"{library} is what is hooked and unhooked here")


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
