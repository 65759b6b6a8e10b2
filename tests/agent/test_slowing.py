"""A layer that is slowed down takes so much longer, and no other one does."""

import statistics

import kit
import pytest

pytest.importorskip("fastapi", reason="the slowed application is made with it")

pytestmark = pytest.mark.alone

PLANS = ("alone", "view", "view of one", "lock_wait", "logging", "ended")


@pytest.fixture(scope="module")
def seen():
    """Milliseconds by plan, endpoint and layer: the least that was computed, and the usual wait.

    Computing that is interrupted takes longer; a wait that begins late is shorter as well.
    """
    with kit.FakeController() as controller:
        still_on = kit.answer_of([str(kit.CHILDREN / "slowed.py")], kit.environment(controller.path))
        controller.settle()
    assert still_on == [False]
    found = {}
    for endpoint in ("one", "other"):
        of = [request for request in controller.requests if request.endpoint == f"GET /{endpoint}"]
        for number, plan in enumerate(PLANS):
            some = of[number :: len(PLANS)]
            for layer in ("view", "lock_wait", "logging", "loop_lag"):
                usual = statistics.median if layer == "lock_wait" else min
                found[plan, endpoint, layer] = usual([kit.milliseconds(request, layer) for request in some])
    return found


def test_what_is_slowed_by_its_own_length_takes_twice_as_long(seen):
    assert seen["view", "one", "view"] == pytest.approx(2 * seen["alone", "one", "view"], rel=0.3)
    assert seen["view", "other", "view"] == pytest.approx(2 * seen["alone", "other", "view"], rel=0.3)
    assert seen["logging", "one", "logging"] == pytest.approx(2 * seen["alone", "one", "logging"], rel=0.3)


def test_a_wait_ends_later_and_the_loop_is_not_held(seen):
    assert seen["lock_wait", "one", "lock_wait"] == pytest.approx(3 * seen["alone", "one", "lock_wait"], rel=0.3)


@pytest.mark.parametrize("plan", ["view", "lock_wait", "logging"])
def test_nothing_else_takes_longer(seen, plan):
    for layer in {"view", "lock_wait", "logging"} - {plan}:
        assert seen[plan, "one", layer] == pytest.approx(seen["alone", "one", layer], rel=0.4), layer


def test_one_endpoint_is_slowed_and_the_other_is_not(seen):
    assert seen["view of one", "one", "view"] > 1.6 * seen["alone", "one", "view"]
    assert seen["view of one", "other", "view"] < 1.4 * seen["alone", "other", "view"]


def test_it_ends(seen):
    assert seen["ended", "one", "view"] < 1.4 * seen["alone", "one", "view"]
