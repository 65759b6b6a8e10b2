"""What a request waits for besides its database is in the layer it belongs to, and calls are counted where made."""

import importlib.util
import re

import kit
import pytest

for library in ("fastapi", "orjson"):
    pytest.importorskip(library, reason=f"{library} is what is measured here")

SOURCE = (kit.CHILDREN / "waits.py").read_text()
NEEDED = {
    "requests": "requests", "urllib3": "urllib3", "httpx": "httpx", "httpx_async": "httpx", "httpx_pool": "httpx",
    "gathered": "httpx",
    "aiohttp": "aiohttp", "aiohttp_gather": "aiohttp", "bcrypt": "bcrypt", "argon2": "argon2", "passlib": "passlib",
}  # fmt: skip
# calls of 30 ms each, and how long they take together
CALLS = {
    "urllib": (1, 1), "http_client": (1, 1), "requests": (3, 3), "urllib3": (1, 1), "httpx": (1, 1),
    "httpx_async": (1, 1), "aiohttp": (1, 1), "aiohttp_gather": (4, 1), "run_in_executor": (1, 1), "to_thread": (1, 1),
    "map": (4, 1), "submit": (1, 1), "gathered": (1, 1),
}  # fmt: skip
SLEEPS = {
    ("logging", "logging"): 30, ("event", "lock_wait"): 30, ("semaphore", "lock_wait"): 30, ("semaphore", "view"): 30,
    ("async_lock", "lock_wait"): 30, ("async_lock", "view"): 30, ("async_semaphore", "lock_wait"): 30,
    ("submit", "threadpool_wait"): 20, ("submit", "view"): 10, ("queued_executor", "view"): 60,
    ("behind_others", "threadpool_wait"): 30, ("behind_others", "view"): 30, ("httpx_pool", "http_pool_wait"): 60,
}  # fmt: skip


class Seen:
    def __init__(self):
        paths = ["/" + name for name in re.findall(r'@app.get\("/(\w+)"\)', SOURCE) if present(name)]
        with kit.FakeController() as controller:
            answer = kit.answer_of([str(kit.CHILDREN / "waits.py"), *paths], kit.environment(controller.path))
            controller.settle()
        self.controller = controller
        self.outside, self.port = answer["seen"], answer["port"]

    def last(self, name):
        if not present(name):
            pytest.skip(f"{NEEDED[name]} is not installed")
        return [request for request in self.controller.requests if request.endpoint == f"GET /{name}"][-1]


def present(name):
    return name not in NEEDED or importlib.util.find_spec(NEEDED[name]) is not None


@pytest.fixture(scope="module")
def seen():
    return Seen()


def test_every_endpoint_answers_and_adds_up(seen):
    assert {status for status, _, _ in seen.outside.values()} == {200}
    for request in seen.controller.requests:
        assert kit.sum_of_layers(request) == request.total_ns, request.endpoint
        assert all(ns >= 0 for ns in request.layers.values()), request


@pytest.mark.parametrize("name", CALLS)
def test_a_call_to_another_service_is_the_http_clients_time(seen, name):
    request = seen.last(name)
    together = CALLS[name][1] * 30
    stalled = request.longest_ns / 1e6  # of a busy machine: nothing here computes for long
    assert together - 3 < kit.milliseconds(request, "http_client", "http_connect") < together * 1.5 + 10 + stalled


@pytest.mark.parametrize("name", CALLS)
def test_calls_are_counted_once_whatever_is_stacked_at_their_line(seen, name):
    spots = [spot for spot in seen.last(name).spots if spot.layer.startswith("http_client:")]
    assert [(spot.layer, spot.calls) for spot in spots] == [(f"http_client:GET 127.0.0.1:{seen.port}", CALLS[name][0])]
    assert spots[0].site.startswith("waits.py:")


@pytest.mark.parametrize("name", ["urllib", "requests"])
def test_the_line_of_a_call_is_the_applications(seen, name):
    marked = next(number for number, line in enumerate(SOURCE.splitlines(), 1) if line.endswith(f"# line of {name}"))
    assert [s.site for s in seen.last(name).spots if s.layer.startswith("http")] == [f"waits.py:{marked}:by_{name}"]


def test_calls_without_a_line_of_their_own_are_the_endpoints(seen):
    (spot,) = [spot for spot in seen.last("httpx_pool").spots if spot.layer.startswith("http_client:")]
    assert (spot.calls, spot.site.rpartition(":")[2]) == (3, "by_httpx_pool")


@pytest.mark.parametrize(("name", "layer"), SLEEPS)
def test_a_wait_is_in_its_layer(seen, name, layer):
    true = SLEEPS[name, layer]
    spare = 60 if name == "httpx_pool" else 10
    assert true - 4 < kit.milliseconds(seen.last(name), layer) < true * 1.4 + spare


def test_what_is_waited_for_at_the_same_time_is_counted_once(seen):
    """A call of 30 ms beside a sleep of 60: the call, then what is left of the sleep."""
    request = seen.last("gathered")
    assert 27 < kit.milliseconds(request, "http_client", "http_connect") < 55
    assert kit.milliseconds(request, "view") > 26


@pytest.mark.parametrize(("name", "function"), [("event", "waits_for_event"), ("async_lock", "waits_for_lock")])
def test_waiting_for_a_lock_has_its_line(seen, name, function):
    (spot,) = [spot for spot in seen.last(name).spots if spot.layer == "lock_wait"]
    assert spot.calls == 1
    assert (spot.site.partition(":")[0], spot.site.rpartition(":")[2]) == ("waits.py", function)
    assert spot.ns / 1e6 == pytest.approx(kit.milliseconds(seen.last(name), "lock_wait"), rel=0.1)


@pytest.mark.parametrize("name", ["hashlib", "bcrypt", "argon2", "passlib"])
def test_hashing_is_nearly_all_of_it(seen, name):
    request = seen.last(name)
    hashing = kit.milliseconds(request, "password_hash")
    assert hashing > 0.5 * (request.total_ns / 1e6 - kit.milliseconds(request, "loop_lag", "threadpool_wait"))


def test_orjson_is_a_serializer_with_its_line(seen):
    marked = next(number for number, line in enumerate(SOURCE.splitlines(), 1) if line.endswith("# line of orjson"))
    assert f"waits.py:{marked}:dumps" in {spot.site for spot in seen.last("orjson").spots if spot.layer == "serializer"}


def test_no_secret_of_a_call_or_a_log_leaves_the_process(seen):
    said = repr(seen.controller.said) + repr(seen.controller.requests)
    assert "secret" not in said.replace("hash_secret (", "").replace("verify_secret (", "")  # functions of argon2's
    assert "password@" not in repr(seen.controller.said)


def test_no_hook_failed(seen):
    assert {value["state"] for value in seen.controller.events(kit.wire.HOOK)} == {"active"}
