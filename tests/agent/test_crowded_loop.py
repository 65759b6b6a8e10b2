"""On a loop that many requests share, a wait is as long as it was, and the rest is waiting for the loop."""

import importlib.util

import kit
import pytest

pytest.importorskip("fastapi", reason="FastAPI is what is measured here")

ROUNDS, CROWD = 4, 10
LOOPS = ["asyncio", "uvloop"]


class Seen:
    def __init__(self, loop):
        with kit.FakeController() as controller:
            script = ["-W", "ignore", str(kit.CHILDREN / "crowded.py"), loop]
            self.truth = kit.answer_of(script, kit.environment(controller.path))
            controller.settle()
        self.requests = controller.requests

    def rounds(self, path, crowd=CROWD):
        """The measured requests of an endpoint, a list for each time it was asked by many."""
        of_path = [request for request in self.requests if request.endpoint == f"GET {path}"][1:]
        return [of_path[begin : begin + crowd] for begin in range(0, len(of_path), crowd)]


@pytest.fixture(scope="module", params=LOOPS)
def seen(request):
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return Seen(request.param)


def test_the_layers_of_every_request_add_up_to_its_total_exactly(seen):
    for request in seen.requests:
        assert kit.sum_of_layers(request) == request.total_ns
        assert all(0 <= nanoseconds <= request.total_ns for nanoseconds in request.layers.values())


@pytest.mark.parametrize("path", ["/sleeps", "/spawns", "/gathers"])
def test_a_view_owns_what_it_computed_and_waited_however_many_share_its_loop(seen, path):
    """In the round that other programs disturbed least; ten requests at once take several times as long."""
    off, shares = [], []
    for requests, true in zip(seen.rounds(path), seen.truth[path], strict=True):
        view = sum(kit.milliseconds(request, "view") for request in requests)
        off.append(abs(view - true) / true)
        shares.append(true / sum(request.total_ns / 1e6 for request in requests))
    assert min(off) < 0.2, off
    assert min(shares) < 0.7


def test_what_one_task_of_a_request_computes_another_one_does_not_wait_for(seen):
    """The middleware runs the application in a task beside its own: while that computes there is no queue."""
    lags = [kit.milliseconds(request, "loop_lag") for (request,) in seen.rounds("/wrapped", 1)]
    views = [
        abs(kit.milliseconds(request, "view") - true)
        for (request,), true in zip(seen.rounds("/wrapped", 1), seen.truth["/wrapped"], strict=True)
    ]
    assert min(lags) < 2, lags
    assert min(views) < 2, views
