"""Everything the standard library lets a request wait for is seen on every Python there is."""

import re

import kit
import pytest
import test_starts_everywhere


@pytest.mark.parametrize(
    ("version", "python"), test_starts_everywhere.interpreters(), ids=lambda value: re.sub(r"\W", "_", value)
)
def test_a_request_of_the_standard_library_alone_has_all_its_layers(version, python):
    with kit.FakeController() as controller:
        child = kit.run([str(kit.CHILDREN / "stdlib_waits.py")], kit.environment(controller.path), python)
        assert (child.returncode, child.stdout) == (0, '"outer"\n'), child.stderr
        assert child.stderr == ""
        controller.settle()
    assert {value["state"] for value in controller.events(kit.wire.HOOK)} == {"active"}
    (request,) = [request for request in controller.requests if request.status == 201]
    assert request.endpoint == "GET /things/{id}"
    assert kit.sum_of_layers(request) == request.total_ns
    waits = {"view", "logging", "lock_wait", "password_hash", "http_client", "http_connect", "response"}
    assert waits <= request.layers.keys()
    calls = {
        spot.caller.rpartition(":")[2]: spot.calls for spot in request.spots if spot.layer.startswith("http_client:")
    }
    assert calls == {"outer": 1, "": 1}  # the second in a thread, which nobody of the application calls
    # the service in the same process has records of its own
    assert [other.status for other in controller.requests if other is not request] == [200, 200]
