import asyncio
import os
from functools import reduce

import pytest
import uvloop

from nineam.cli.document import retried
from nineam.load import failures
from nineam.load.engine import Engine
from nineam.load.http import Client
from nineam.load.metrics import metrics
from nineam.load.response import Response
from nineam.load.retries import SOON_NS, may_repeat
from nineam.load.thresholds import evaluate, parse
from nineam.merging import merge
from nineam.model import GaugeData, HttpOptions, LoadPlan, LoadStats, Phase, RequestSpec, Scenario

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def stale(against, ask, method, **options):
    @against(OK, None, OK)
    async def found(server, client, lane):
        await ask(client, lane)
        return await ask(client, lane, method, **options), len(server.heads)

    return found


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_safe_request_is_repeated_when_a_used_connection_was_closed(against, ask, method):
    response, sent = stale(against, ask, method)
    assert (response.error, response.retried, sent) == ("", True, 3)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_request_that_may_have_been_carried_out_is_not_repeated(against, ask, method):
    response, sent = stale(against, ask, method, data=b"x")
    assert (response.status, response.error, sent) == (0, failures.CLOSED, 2)


@pytest.mark.parametrize("header", ["Idempotency-Key", "X-Idempotency-Key"])
def test_a_request_with_an_idempotency_key_is_repeated(against, ask, header):
    response, sent = stale(against, ask, "POST", data=b"x", headers={header: "7"})
    assert (response.status, sent) == (200, 3)


def test_a_post_of_which_nothing_was_written_is_repeated(against, ask, monkeypatch):
    @against(OK, OK)
    async def found(server, client, lane):
        await ask(client, lane)

        def broken(descriptor, data):
            monkeypatch.undo()
            raise BrokenPipeError

        monkeypatch.setattr("nineam.load.wire.os.write", broken)
        return await ask(client, lane, "POST", data=b"x"), len(server.heads), server.connections

    response, sent, connections = found
    assert os.write is not None
    assert (response.status, response.retried, sent, connections) == (200, True, 2, 2)


def test_an_iterator_that_was_sent_is_not_repeated():
    client = Client("http://127.0.0.1:1")
    response = Response(client.build("GET", "/", data=iter([b"x"])), 0, 0, 0, print)
    response.bytes_sent = 1
    assert not may_repeat(response, 1)


def against_options(ask, options, requests):
    """What a server saw of these requests: how many connections, and the heads."""

    async def main():
        heads, connections = [], []

        async def serve(reader, writer):
            connections.append(writer)
            try:
                while True:
                    heads.append(await reader.readuntil(b"\r\n\r\n"))
                    writer.write(OK)
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        client = Client(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", options=options)
        lane = client.lane()
        statuses = [(await ask(client, lane, **request)).status for request in requests]
        left = len(client.connections)
        client.close()
        listener.close()
        return statuses, len(connections), heads, left

    return asyncio.run(main())


def test_without_reuse_each_request_has_its_own_connection_and_says_so(ask):
    statuses, connections, heads, left = against_options(ask, HttpOptions(no_connection_reuse=True), [{}] * 3)
    assert (statuses, connections, left) == ([200] * 3, 3, 0)
    assert all(b"\r\nconnection: close\r\n" in head for head in heads)


def test_a_request_that_says_close_ends_its_connection_though_the_server_would_keep_it(ask):
    requests = [{}, {"headers": {"Connection": "close"}}, {}]
    statuses, connections, _, _ = against_options(ask, HttpOptions(), requests)
    assert (statuses, connections) == ([200] * 3, 2)


def swept(against, ask, hint, until):
    answer = b"HTTP/1.1 200 OK\r\nKeep-Alive: %b\r\nContent-Length: 0\r\n\r\n" % hint

    @against(answer, answer)
    async def found(server, client, lane):
        await ask(client, lane)
        connection = lane.idle[0]
        await until(client)
        return connection.open, list(lane.idle)

    return found


async def three_sweeps(client):
    for _ in range(3):
        client.sweeper.stop()
        client.sweep()


def test_a_connection_that_the_server_will_close_at_once_is_not_kept(against, ask):
    assert swept(against, ask, b"timeout=0, max=100", three_sweeps) == (False, [])


def test_a_connection_that_the_server_keeps_is_kept(against, ask):
    still_open, idle = swept(against, ask, b"timeout=75", three_sweeps)
    assert (still_open, len(idle)) == (True, 1)


def test_a_hint_that_is_nonsense_is_no_hint(against, ask):
    still_open, _ = swept(against, ask, b"timeout=soon", three_sweeps)
    assert still_open


def test_use_counts_against_a_hint_and_not_age(against, ask):
    async def pretend(client):
        connection = next(iter(client.connections))
        limit, _, since = client.sweeper._hints[connection]
        assert limit == 4_000_000_000
        client.sweeper._hints[connection] = (limit, connection.uses - 1, since - 10_000_000_000)
        client.sweeper.stop()
        client.sweep()

    assert swept(against, ask, b"timeout=5", pretend)[0] is True


# --- what was sent again is told ---


def test_a_worker_that_dies_after_a_while_is_a_failure(against, ask, monkeypatch):
    monkeypatch.setattr("nineam.load.retries.SOON_NS", 0)
    response, sent = stale(against, ask, "GET")
    assert (response.status, response.error, response.retried, sent) == (0, failures.CLOSED, False, 2)


@pytest.mark.parametrize(
    ("bytes_sent", "after_ns", "may"), [(0, 10 * SOON_NS, True), (90, SOON_NS - 1, True), (90, SOON_NS, False)]
)
def test_only_soon_after_it_was_sent_may_a_request_go_out_again(bytes_sent, after_ns, may):
    response = Response(Client("http://127.0.0.1:1").build("GET", "/"), 0, 0, 0, print)
    response.sent_ns, response.bytes_sent = 1000, bytes_sent
    assert may_repeat(response, 1000 + after_ns) == may


async def played(url, phase, **plan):
    """What an engine counted in a phase."""
    engine = Engine(
        LoadPlan(base_url=url, requests=(RequestSpec(method="GET", path="/", name="GET /"),), **plan), print
    )
    events = []
    await engine.run(phase, events.append)
    await engine.close()
    return reduce(merge, (event.stats for event in events))


def test_a_server_that_drops_every_second_request_is_seen_in_the_metrics(against):
    only = Scenario(name="all", executor="shared-iterations", vus=1, iterations=20, max_duration_s=10)

    @against(*[OK, None] * 50)
    async def seen(server, client, lane):
        stats = await played(client.target.origin, Phase(name="monday", duration_s=10, scenarios=(only,)))
        return stats, len(server.heads)

    stats, heads = seen
    found = metrics(stats, 1.0, GaugeData(value=1, min=1, max=1))
    assert (stats.endpoints[0].requests, stats.endpoints[0].failed, heads) == (20, 0, 39)
    assert found["http_req_retried"].values["count"] == found["http_req_retried{name:GET /}"].values["count"] == 19
    (notice,) = retried(stats)
    assert "19 requests were sent a second time" in notice
    assert "(GET / 19)" in notice


def test_without_a_retry_nothing_is_said_and_a_threshold_holds():
    found = metrics(LoadStats(), 1.0, GaugeData(value=1, min=1, max=1))
    assert retried(LoadStats()) == ()
    assert evaluate(parse("http_req_retried count<1"), found, ()).ok


# --- given up while it is opened ---


@pytest.mark.parametrize("turns", range(12))
@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_a_burst_that_is_interrupted_leaves_no_connection_behind(run, turns):
    async def main():
        listener = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        client = Client(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        lane, ended = client.lane(), []
        outgoing = client.build("GET", "/")
        for _ in range(20):
            lane.send(Response(outgoing, 0, 0, 2**62, ended.append))
        for _ in range(turns):
            await asyncio.sleep(0)
        client.interrupt(failures.INTERRUPTED)
        for _ in range(20):
            await asyncio.sleep(0)
        left = client.connections - set(lane.idle)
        client.close()
        listener.close()
        return len(ended), client.in_flight(), left

    assert run(main()) == (20, 0, set())


def test_abandoning_asks_the_lane_alone(against, ask):
    @against("hang", "hang")
    async def found(server, client, lane):
        other = client.lane()
        outgoing = client.build("GET", "/")
        mine, others = (Response(outgoing, 0, 0, 2**62, lambda _: None) for _ in range(2))
        lane.send(mine)
        await server.arrived.wait()
        other.send(others)
        other.abandon(mine, failures.CANCELLED)
        assert not mine.end_ns
        other.abandon(others, failures.CANCELLED)  # still connecting
        lane.abandon(mine, failures.CANCELLED)
        return mine.error, others.error, client.in_flight(), lane.connections, other.connections

    assert found == (failures.CANCELLED, failures.CANCELLED, 0, set(), set())


def test_a_health_probe_that_the_end_of_the_phase_cuts_off_is_not_counted(against):
    phase = Phase(name="monday", executor="constant-vus", vus=1, duration_s=0.3, graceful_stop_s=0)

    @against(*["hang"] * 9)
    async def stats(server, client, lane):
        return await played(client.target.origin, phase, health_path="/health")

    assert stats.health is None
    assert stats.endpoints[0].errors == {failures.INTERRUPTED: 1}
