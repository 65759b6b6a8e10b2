"""A Django application cannot tell whether the agent is there, and nothing is left of it once it has stopped."""

import json

import kit
import pytest

pytest.importorskip("django", reason="Django is what must not change")


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def both(request, tmp_path_factory):
    script = ["-W", "ignore", str(kit.CHILDREN / "django_truth.py"), request.param]
    answers = []
    with kit.FakeController() as controller:
        for switch in ("on", "off"):
            file = tmp_path_factory.mktemp("shop") / "shop.db"
            database = json.dumps({"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)})
            environment = kit.environment(controller.path, SHOP_DATABASE=database, NINEAM_AGENT=switch)
            answers.append(kit.answer_of(script, environment))
    return answers


def test_every_answer_is_the_same(both):
    told = [{path: [(one["status"], one["text"]) for one in rounds] for path, rounds in each.items()} for each in both]
    assert told[0] == told[1]


@pytest.fixture(scope="module", params=["libraries first", "agent first"])
def undone(request, tmp_path_factory):
    from pathlib import Path

    file = tmp_path_factory.mktemp("shop") / "shop.db"
    database = json.dumps({"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)})
    with kit.FakeController() as controller:
        environment = kit.environment(
            controller.path, SHOP_DATABASE=database, PYTHONPATH="", AGENT=str(Path(kit.INJECT).parent)
        )
        return kit.answer_of(["-W", "ignore", str(kit.CHILDREN / "django_undo.py"), request.param], environment)


def test_every_library_was_hooked_and_served_a_request(undone):
    assert undone["statuses"] == [200, 200]
    assert len(undone["patched"]) > 30
    assert set(undone["hooks"].values()) == {"active"}


def test_every_attribute_is_the_very_object_it_was_before(undone):
    assert undone["changed"] == []


def test_nothing_of_the_agent_is_left_in_a_class_or_a_module(undone):
    assert undone["left"] == []


def test_signatures_and_kinds_of_what_is_hooked_are_as_before(undone):
    assert undone["different"] == []


def test_the_handlers_have_their_own_hooks_again(undone):
    assert undone["handlers"] == []
