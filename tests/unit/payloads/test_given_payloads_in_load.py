"""Hostile clients that are given a set send that, counted by id; everybody else notices nothing."""

import asyncio

from nineam.endpoints import is_hostile
from nineam.load.engine import Engine
from nineam.merging import merge
from nineam.model import ClientShare, LoadPlan, LoadStats, Payload, Phase, RequestSpec
from nineam.model.payloads import Beside
from nineam.monday.beside_load import suspects_of

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
BAD = b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"


def payload(number, **changes):
    usual = {"endpoint": "GET /x", "part": "query", "what": "wrong", "method": "GET", "path": "/x"}
    return Payload(id=number, **(usual | changes))


class Server(asyncio.Protocol):
    seen: list[bytes]

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.seen.append(data)
        if b"gone" in data:
            self.transport.close()
        else:
            self.transport.write(BAD if b"bad" in data else OK)


async def _played(payloads):
    protocol = type("Seeing", (Server,), {"seen": []})
    listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    plan = LoadPlan(
        base_url=f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/below",
        requests=(RequestSpec(method="GET", path="/fine", name="GET /fine"),),
        clients=(ClientShare(profile="hostile", share=0.25),),
        payloads=payloads,
    )
    engine = Engine(plan, lambda where: None)
    events = []
    try:
        phase = Phase(name="m", executor="constant-arrival-rate", rate=100, duration_s=0.8)
        await engine.run(phase, events.append)
    finally:
        await engine.close()
        listener.close()
    stats = LoadStats()
    for event in events:
        stats = merge(stats, event.stats)
    return stats, protocol.seen


def test_a_bounded_share_is_sent_in_turn_and_failures_are_known_by_id():
    made = (
        payload("0001", query=("q=%00",)),
        payload("0002", query=("bad",)),
        payload("0003", query=("gone",)),
        payload("0004", query=("gone",), may_close=True),
        payload("0005", query=("bad",), also=(500,)),
    )
    stats, seen = asyncio.run(_played(made))
    ordinary = [each for each in stats.endpoints if not is_hostile(each.name)]
    assert [(each.name, each.failed) for each in ordinary] == [("GET /fine", 0)]
    hostile = {each.name: each for each in stats.endpoints if is_hostile(each.name)}
    sent = sum(each.requests for each in hostile.values())
    assert hostile.keys() == {f"hostile: {each.id}" for each in made}
    assert 0.15 < sent / ordinary[0].requests <= 0.26
    suspects = {each.payload.id: each.answer for each in suspects_of(stats, {each.id: each for each in made})}
    assert {name: (answer.status, answer.ending) for name, answer in suspects.items()} == {
        "0002": (500, "answered"),
        "0003": (0, "closed"),
    }
    assert any(data.startswith(b"GET /below/x?q=%00 HTTP/1.1\r\n") for data in seen)


def beside(**changes):
    usual = {
        "rate": 50, "share": 0.1, "requests": 500, "hostile": 55, "p95_ms_without": 1, "p95_ms_with": 9,
        "failed_without": 0.01, "failed_with": 0.015, "trustworthy": True,
    }  # fmt: skip
    return Beside(**(usual | changes))


def test_ordinary_requests_are_harmed_when_they_fail_as_they_did_not_before():
    assert not beside().harmed
    assert beside(failed_with=0.021).harmed
    assert beside(died=True).harmed
