"""Redis is a layer of its own: commands by name and line, waiting for its pool apart, keys and values never."""

import kit
import pytest

for library in ("fastapi", "redis"):
    pytest.importorskip(library, reason=f"{library} is what is measured here")
if not kit.listens(6379):
    pytest.skip("no Redis on 127.0.0.1:6379", allow_module_level=True)


@pytest.fixture(scope="module")
def seen():
    with kit.FakeController() as controller:
        kit.answer_of(["-W", "ignore", str(kit.CHILDREN / "caches.py")], kit.environment(controller.path))
        controller.settle()
        return controller


def requests(seen, path):
    return [request for request in seen.requests if request.endpoint == f"GET {path}"]


def commands(request):
    return {spot.layer: spot.calls for spot in request.spots if spot.layer.startswith("cache:") and spot.calls < 10}


@pytest.mark.parametrize("path", ["/sync", "/async"])
def test_commands_are_counted_by_name_and_line(seen, path):
    request = requests(seen, path)[1]
    assert commands(request) == {"cache:SET": 1, "cache:GET": 3, "cache:PIPELINE": 1, "cache:DEL": 1}
    lines = [spot.site for spot in request.spots if spot.layer == "cache:PIPELINE"]
    assert all(line.startswith("caches.py:") for line in lines)
    assert request.queries == ()


def test_commands_at_the_same_time_are_all_counted(seen):
    (spot,) = [spot for spot in requests(seen, "/async")[1].spots if spot.calls == 10]
    assert (spot.layer, spot.site.rpartition(":")[2]) == (
        "cache:GET",
        "with_awaits",
    )  # no line of whoever runs the loop


def test_their_time_is_the_cache_s(seen):
    for path in ("/waits", "/waits-async"):
        assert kit.milliseconds(requests(seen, path)[1], "cache") >= 49


@pytest.mark.parametrize("path", ["/waits", "/waits-async"])
def test_waiting_for_a_connection_is_not_the_cache_s_time(seen, path):
    crowd = requests(seen, path)[2:]
    held = sorted(kit.milliseconds(request, "cache") for request in crowd)[len(crowd) // 2]
    waits = sorted(kit.milliseconds(request, "pool_wait") for request in crowd)
    assert len(crowd) == 5
    assert waits[0] < 10
    assert all(wait == pytest.approx(place * held, rel=0.3, abs=10) for place, wait in enumerate(waits))


def test_the_layers_of_every_request_add_up_to_its_total(seen):
    for request in seen.requests:
        assert kit.sum_of_layers(request) == request.total_ns


def test_no_key_and_no_value_leaves_the_process(seen):
    told = repr(seen.said) + repr(seen.requests)
    assert "secret" not in told
    assert "nineam:test" not in told


def test_a_command_given_with_its_key_in_one_string_is_known_by_its_first_word(seen):
    assert commands(requests(seen, "/raw")[1]) == {"cache:SET": 1, "cache:DEL": 1}
