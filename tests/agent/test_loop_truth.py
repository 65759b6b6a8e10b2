"""Beneath a real server: who waits for the loop, for a pool, for the wire, and who decodes, each in its own layer."""

import json
import statistics
import threading

import kit
import pytest
import serving

for library in ("fastapi", "uvicorn", "psycopg_pool"):
    pytest.importorskip(library, reason=f"{library} is what is measured here")

pytestmark = pytest.mark.postgres
ROUNDS = 6
CROWD = 10
DATABASE = ("db_execute", "db_fetch", "db_connect")


class Seen:
    """What clients and the application itself saw, and what its agent said."""

    def __init__(self, told, alone, controller):
        self.told = told
        self._alone = alone
        self._requests = controller.requests

    def of(self, path):
        """The requests of an endpoint without the first, which does what is only done once."""
        return [request for request in self._requests if request.endpoint == f"GET {path}"][1:]

    @property
    def alone(self):
        """Victims with nobody to be a victim of."""
        return self.of("/victim")[: self._alone]

    @property
    def held(self):
        return self.of("/victim")[self._alone :]


def told(port, path):
    status, text = serving.ask(port, path)
    assert status == 200, text
    return json.loads(text).get("ms")


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def seen(request):
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
    if not kit.listens(5432):
        pytest.skip("nobody on 127.0.0.1:5432")
    with kit.FakeController() as controller:
        with serving.server(f"loop-{request.param}", controller) as port:
            saw = drive(port)
        controller.settle()
    return Seen(saw, ROUNDS, controller)


def drive(port):
    """Ask for everything once, then measure each, one after the other; at last victims beside somebody who holds."""
    for path in ("/victim", "/waits", "/decodes", "/pooled", "/holds"):
        told(port, path)
    saw = {path: [told(port, path) for _ in range(ROUNDS)] for path in ("/victim", "/waits", "/decodes")}
    together([lambda: told(port, "/pooled")] * CROWD)
    over = threading.Event()
    holds = []

    def hold():
        while not over.is_set():
            holds.append(told(port, "/holds"))

    def suffer():
        for _ in range(ROUNDS):
            told(port, "/victim")
        over.set()

    together([hold, suffer])
    return {**saw, "/holds": holds}


def together(calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def median_of(requests, *layers):
    return statistics.median(kit.milliseconds(request, *layers) for request in requests)


def waited(request):
    """Milliseconds for the loop: before the first line, and after it."""
    return request.wait_ns / 1e6 + kit.milliseconds(request, "loop_lag")


def test_every_request_s_layers_add_up_to_its_total(seen):
    for path in ("/victim", "/waits", "/decodes", "/pooled", "/holds"):
        assert seen.of(path)
        assert all(kit.sum_of_layers(request) == request.total_ns for request in seen.of(path))


def test_who_holds_the_loop_owns_what_it_holds_it_for(seen):
    assert median_of(seen.of("/holds"), "view") >= 0.9 * statistics.median(seen.told["/holds"])


def test_the_victims_of_a_held_loop_wait_for_the_loop(seen):
    """What they take longer than alone is the loop's, in the median victim."""
    alone = statistics.median((request.wait_ns + request.total_ns) / 1e6 for request in seen.alone)
    shares = [waited(request) / ((request.wait_ns + request.total_ns) / 1e6 - alone) for request in seen.held]
    assert statistics.median(shares) > 0.8


def test_the_victims_of_a_held_loop_do_not_wait_for_the_database_or_the_pool(seen):
    lost = median_of(seen.held, "loop_lag")
    assert lost > 0.8 * statistics.median(seen.told["/holds"])
    assert median_of(seen.held, *DATABASE, "pool_wait") - median_of(seen.alone, *DATABASE, "pool_wait") < 0.2 * lost


def test_ten_clients_of_a_pool_of_one_wait_for_the_pool(seen):
    crowd = seen.of("/pooled")[-CROWD:]
    waits = sum(kit.milliseconds(request, "pool_wait") for request in crowd)
    held = [kit.milliseconds(request, *DATABASE) for request in crowd]
    # each waits for all that are before it: nine turns, eight, ... make 45 together
    assert waits > 0.6 * sum(range(CROWD)) * min(held)
    assert statistics.median(held) < 0.5 * waits / CROWD


def test_a_statement_that_sleeps_waits_on_the_wire(seen):
    for request, true in zip(seen.of("/waits")[-ROUNDS:], seen.told["/waits"], strict=True):
        database = kit.milliseconds(request, *DATABASE)
        assert 0.9 * 50 < database <= 1.1 * true
        assert request.steps_ns < 0.5 * request.total_ns, "it was not on the loop"


def test_decoding_ten_thousand_rows_holds_the_loop_and_is_no_wait(seen):
    decoding = seen.of("/decodes")[-ROUNDS:]
    off = sorted(
        abs(kit.milliseconds(request, "db_fetch") - true) / true
        for request, true in zip(decoding, seen.told["/decodes"], strict=True)
    )
    assert off[len(off) // 4] < 0.25
    for request in decoding:
        assert request.longest_ns >= 0.9 * request.layers["db_fetch"], "decoding is one stretch on the loop"
