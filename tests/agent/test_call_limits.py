"""Calls that wait without a limit are told from those with one, whoever has set it."""

import kit
import pytest

for library in ("fastapi", "requests", "urllib3", "httpx", "aiohttp"):
    pytest.importorskip(library, reason=f"{library} is what is asked here")

UNLIMITED = ("urllib", "http_client", "requests", "urllib3", "httpx", "httpx_async", "aiohttp")
LIMITED = (
    "urllib_limited", "urllib_limited_for_all", "http_client_limited", "requests_limited", "requests_adapted",
    "urllib3_limited", "httpx_limited", "httpx_async_limited", "aiohttp_limited",
)  # fmt: skip


@pytest.fixture(scope="module")
def seen():
    with kit.FakeController() as controller:
        answer = kit.answer_of(["-W", "ignore", str(kit.CHILDREN / "limits.py")], kit.environment(controller.path))
        controller.settle()
    assert answer["statuses"] == {f"/{name}": 200 for name in (*UNLIMITED, *LIMITED)}
    return controller, answer["port"]


def spots_of(controller, name, kind):
    return [spot for spot in controller.request(f"GET /{name}").spots if spot.layer.startswith(kind)]


@pytest.mark.parametrize("name", UNLIMITED)
def test_a_call_without_a_limit_is_counted_at_its_line(seen, name):
    controller, port = seen
    (spot,) = spots_of(controller, name, "no_timeout:")
    (call,) = spots_of(controller, name, "http_client:")
    assert (spot.layer, spot.calls) == (f"no_timeout:GET 127.0.0.1:{port}", 1)
    assert (spot.site, spot.ns) == (call.site, call.ns)
    assert spot.site.startswith("limits.py:")


@pytest.mark.parametrize("name", LIMITED)
def test_a_call_with_a_limit_is_not(seen, name):
    assert spots_of(seen[0], name, "no_timeout:") == []
    assert spots_of(seen[0], name, "http_client:") != []
