"""What nobody accounted for: what goes over the wire, what counts as a failure, and who notices."""

import asyncio
import re
from random import Random

import pytest

from nineam.endpoints import is_hostile
from nineam.load.engine import Engine
from nineam.load.outgoing import Builder
from nineam.load.profiles.hostile import HostileLane, Payload
from nineam.load.profiles.payloads import KINDS, SAFE
from nineam.load.target import parse_target
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase, RequestSpec, Scenario
from nineam.monday.offended import offended
from nineam.traffic.clients import parse_clients

TARGET = parse_target("http://127.0.0.1:8000")
BODY = b'{"name": "me", "age": 3}'
END = b"\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
GET = RequestSpec(method="GET", path="/items/7?page=2", name="GET /items/{id}")
POST = RequestSpec(
    method="POST", path="/items", name="POST /items", headers=(("Content-Type", "application/json"),), body=BODY
)
DESTRUCTIVE = re.compile(rb"(?i)drop|delete|truncate|update|insert|alter|exec|shutdown|\brm\b|or%20|union")


def outgoing(spec):
    headers = {name.lower(): value for name, value in spec.headers}
    return Builder(TARGET).build(spec.method, spec.path, headers=headers, data=spec.body or None)


def payload(kind, spec, seed=1):
    return Payload(outgoing(spec), b"cookie: session=1\r\n", kind, Random(seed)).data


def suiting(spec):
    return [kind for kind in KINDS if kind.suits(outgoing(spec))]


CASES = [(kind, spec) for spec in (GET, POST) for kind in suiting(spec)]


def of(kind, spec):
    return f"{kind.name}-{spec.method}"


@pytest.mark.parametrize(("kind", "spec"), CASES, ids=[of(*case) for case in CASES])
def test_a_payload_goes_where_the_request_went_with_its_method_and_destroys_nothing(kind, spec):
    for seed in range(20):
        head, _, body = payload(kind, spec, seed).partition(END)
        method, target, version = head.partition(b"\r\n")[0].split(b" ")
        assert method == (b"BREW" if kind.name == "unknown method" else spec.method.encode())
        assert target.startswith(b"/items")
        assert version in (b"HTTP/1.1", b"HTTP/1.0")
        assert not DESTRUCTIVE.search(target + body)
        assert b"\r\nconnection: close" in head
        assert b"HTTP/" not in body, "no request hides in another"
        assert not (b"transfer-encoding" in head and b"content-length" in head)
        assert len(max(head.split(b"\r\n"), key=len)) < 8190


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_address_of_an_unsafe_request_stays_as_it_is(method):
    spec = RequestSpec(method=method, path="/logs/older-than/30?days=30", name="x", body=b"{}")
    kinds = suiting(spec)
    assert kinds
    for kind in kinds:
        assert payload(kind, spec).split(b" ")[1] == b"/logs/older-than/30?days=30"


def test_every_kind_suits_something_and_has_a_name_of_its_own():
    suited = {kind.name for kind, _ in CASES}
    assert suited == {kind.name for kind in KINDS}
    assert len(suited) == len(KINDS)
    assert all(kind.methods in ((), frozenset(), SAFE) or "POST" in kind.methods for kind in KINDS)


def test_the_same_seed_sends_the_same():
    assert [payload(*case, seed=5) for case in CASES] == [payload(*case, seed=5) for case in CASES]


class Robust(asyncio.Protocol):
    """Answers one request a connection with what its class says, or 200 to whatever does not look hostile."""

    seen: list[bytes]
    to_hostile = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"

    def connection_made(self, transport):
        self.transport = transport
        self.data = b""

    def data_received(self, data):
        self.data += data
        head, end, body = self.data.partition(END)
        length = int((re.search(rb"content-length: (\d+)", head) or (b"", b"0"))[1])
        if not end or (len(body) < length and b"connection: close" not in head):
            return
        type(self).seen.append(self.data)
        self.data = b""
        if b"connection: close" not in head:
            self.transport.write(OK)
        elif self.to_hostile is not None:
            self.transport.write(self.to_hostile)
            self.transport.close()


async def _play(text, kind, requests, phase, plan):
    protocol = type("Server", (kind,), {"seen": []})
    listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    plan = {"requests": requests, **plan}
    engine = Engine(LoadPlan(base_url=address, clients=parse_clients(text), **plan), lambda where: None)
    stats = LoadStats()

    def take(event):
        nonlocal stats
        stats = merge(stats, event.stats)

    try:
        await engine.run(phase, take)
        await asyncio.wait_for(_silence(engine), 10)
        engine.client.interrupt("late")
        take(engine._event("tick", phase, 0))
    finally:
        await engine.close()
        listener.close()
    return stats, protocol.seen


async def _silence(engine):
    while engine.client.in_flight():
        await asyncio.sleep(0.01)


def play(kind=Robust, *, iterations=200, requests=(GET, POST), text="hostile=1", **plan):
    each = Scenario(executor="per-vu-iterations", vus=2, iterations=iterations, think_s=0.004, max_duration_s=30.0)
    phase = Phase(name="m", duration_s=60, scenarios=(each,))
    return asyncio.run(_play(text, kind, requests, phase, plan))


def split(stats):
    ordinary = {e.name: e for e in stats.endpoints if not is_hostile(e.name)}
    return ordinary, {e.name: e for e in stats.endpoints if is_hostile(e.name)}


def test_a_hostile_user_also_does_what_all_do_and_nobody_is_disturbed():
    stats, _ = play()
    ordinary, hostile = split(stats)
    assert {name: e.failed for name, e in ordinary.items()} == {"GET /items/{id}": 0, "POST /items": 0}
    assert sum(e.requests for e in ordinary.values()) == 400
    assert stats.iterations == 400
    assert 20 < sum(e.requests for e in hostile.values()) <= 200
    assert len(hostile) > 10
    assert not any(e.failed for e in hostile.values())
    assert stats.timings["http_req_waiting"].count == 400


def statuses(status):
    answer = b"HTTP/1.1 %d X\r\ncontent-length: 0\r\n\r\n" % status
    return type(f"Answering{status}", (Robust,), {"to_hostile": answer})


@pytest.mark.parametrize(("status", "fails"), [(200, False), (302, False), (404, False), (500, True), (503, True)])
def test_a_status_below_500_is_right(status, fails):
    _, hostile = split(play(statuses(status), iterations=60)[0])
    assert hostile
    assert all((e.failed == e.requests) is fails for e in hostile.values())
    assert all(e.statuses == {str(status): e.requests} for e in hostile.values())


def test_not_implemented_is_right_where_it_is_true():
    _, hostile = split(play(statuses(501), iterations=300)[0])
    right = {name.removeprefix("hostile: ") for name, e in hostile.items() if not e.failed}
    assert right
    assert right <= {"unknown method", "malformed chunk", "unknown transfer coding"}


def test_a_connection_that_is_closed_without_an_answer_is_a_failure_unless_there_was_nothing_to_answer():
    class Closing(Robust):
        to_hostile = b""

    _, hostile = split(play(Closing, iterations=300)[0])
    may_close = {f"hostile: {kind.name}" for kind in KINDS if kind.may_close}
    assert {name for name, e in hostile.items() if not e.failed} == may_close & hostile.keys()
    failed = {error for e in hostile.values() for error in e.errors}
    assert failed <= {"connection closed without an answer", "connection reset"}
    assert failed


def test_a_hang_is_a_failure_and_the_user_goes_on():
    class Hanging(Robust):
        to_hostile = None

    stats, _ = play(Hanging, iterations=30, timeout_s=0.2)
    ordinary, hostile = split(stats)
    assert sum(e.requests for e in ordinary.values()) == 60
    assert not any(e.failed for e in ordinary.values())
    assert {error for e in hostile.values() for error in e.errors} == {"timeout"}


def test_only_the_hostile_one_of_all_users_is_hostile():
    stats, seen = play(text="hostile=0", iterations=30)
    assert not split(stats)[1]
    assert not any(b"connection: close" in data for data in seen)


def test_journeys_meet_a_hostile_user_too(tmp_path):
    file = tmp_path / "monday.py"
    file.write_text(
        "from nineam import journey, check\n\n@journey\nasync def look(user):\n"
        "    user.headers['authorization'] = 'token'\n"
        "    check('ok', (await user.get('/a', params={'q': 'x'})).text == 'ok')\n"
        "    check('ok', (await user.post('/b', json={'a': [1]})).status == 200)\n"
    )
    stats, seen = play(requests=(), journeys_file=str(file), iterations=40)
    assert [(check.passes, check.fails) for check in stats.checks] == [(160, 0)]
    assert not stats.problems
    assert any(b"connection: close" in data and b"authorization: token" in data for data in seen)


def test_each_kind_has_its_turn_before_one_comes_again():
    class Costume:
        timeout_ns = 1

    lane = HostileLane(Costume(), None, Random(1))
    asked = outgoing(GET)
    kinds = [lane._next(asked).name for _ in range(2 * len(suiting(GET)))]
    half = len(kinds) // 2
    assert set(kinds[:half]) == set(kinds[half:]) == {kind.name for kind in suiting(GET)}
    assert lane._next(outgoing(POST)) is not None


def test_what_did_not_survive_is_said_once():
    stats, _ = play(statuses(500), iterations=60)
    told = set()
    said = list(offended(stats, told))
    assert said
    assert all(re.fullmatch(r"hostile: .*: (\d+) of \1 failed \(500\)", text) for text in said)
    assert not list(offended(stats, told))
