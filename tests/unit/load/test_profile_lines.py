"""Clients on slow lines and clients that hang up, as a real server sees them."""

import asyncio
import shutil
import ssl
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nineam.load.engine import Engine
from nineam.load.profiles import KINDS
from nineam.load.profiles.line import Pipe
from nineam.load.selftest import ANSWER
from nineam.merging import merge
from nineam.model import HttpOptions, LoadPlan, LoadStats, Phase, RequestSpec, Scenario
from nineam.traffic.clients import parse_clients

BIG = 400_000
END = b"\r\n\r\n"
LINES = [profile.name for profile in KINDS if profile.line]


class Observed(asyncio.Protocol):
    """Answers what it is asked, /big with much, and notes how the requests arrived and the connections ended."""

    seen: list["Observed"]
    answered = True

    def connection_made(self, transport):
        self.transport = transport
        self.pieces, self.ended, self.paused = [], "", 0
        self.whole = b""
        type(self).seen.append(self)

    def data_received(self, data):
        self.pieces.append(data)
        self.whole += data
        while END in self.whole:
            head, _, rest = self.whole.partition(END)
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self.whole = rest[length:]
            if self.answered:
                self.transport.write(answer(BIG) if b" /big" in head else ANSWER)

    def pause_writing(self):
        self.paused += 1

    def connection_lost(self, error):
        self.ended = type(error).__name__ if error else "closed"


class Silent(Observed):
    """Reads and never answers."""

    answered = False


def answer(size):
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + b"x" * size


async def _play(text, phase, kind, listen, **plan):
    protocol = type("Server", (kind,), {"seen": []})
    listener, address = await listen(protocol)
    plan = {"requests": (RequestSpec(method="GET", path="/", name="GET /"),), **plan}
    engine = Engine(LoadPlan(base_url=address, clients=parse_clients(text), **plan), lambda where: None)
    stats = LoadStats()

    def take(event):
        nonlocal stats
        stats = merge(stats, event.stats)

    try:
        await engine.run(phase, take)
    finally:
        await engine.close()
        await asyncio.sleep(0.05)
        listener.close()
    return stats, protocol.seen


async def on_a_port(protocol):
    listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    return listener, f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"


def play(text, scenario, kind=Observed, listen=on_a_port, **plan):
    phase = Phase(name="m", duration_s=60, scenarios=(scenario,))
    return asyncio.run(_play(text, phase, kind, listen, **plan))


def each(vus, iterations=1, **changes):
    return Scenario(executor="per-vu-iterations", vus=vus, iterations=iterations, max_duration_s=30.0, **changes)


def of(stats, name):
    return next((endpoint for endpoint in stats.endpoints if endpoint.name == name), None)


POST = (RequestSpec(method="POST", path="/", name="POST /", body=b'{"a": "' + b"b" * 200 + b'"}'),)


def test_a_slow_sender_drips_its_head_and_its_body():
    stats, seen = play("slow-sender=1", each(2), requests=POST)
    ordinary, slow = sorted(seen, key=lambda connection: len(connection.pieces))
    assert len(ordinary.pieces) == 1
    assert len(slow.pieces) > 10
    heads = [b"".join(connection.pieces).partition(END)[0] for connection in (ordinary, slow)]
    assert heads[1] in heads[0] or b"x-nineam-sent" not in heads[1]
    assert b"".join(slow.pieces).endswith(POST[0].body)
    assert of(stats, "POST /").requests == of(stats, "POST / [slow-sender]").requests == 1


def test_a_slow_reader_is_felt_by_the_server_and_by_nobody_else():
    big = (RequestSpec(method="GET", path="/big", name="GET /big"),)
    stats, seen = play(
        "slow-reader=1",
        Scenario(executor="constant-vus", vus=4, think_s=0.05, duration_s=1.5, graceful_stop_s=0.0),
        requests=big,
    )
    assert sorted(connection.paused for connection in seen)[-2:] != [0, 0]
    assert of(stats, "GET /big").requests > 20
    assert of(stats, "GET /big").failed == 0
    reader = max(seen, key=lambda connection: connection.paused)
    assert len(reader.pieces) == 1, "it has still not read the first answer"
    assert of(stats, "GET /big [slow-reader]") is None, "what was cut off at the end tells nothing"


@pytest.mark.parametrize("profile", LINES)
def test_every_line_carries_a_request_and_its_answer_unharmed(profile, tmp_path):
    file = tmp_path / "monday.py"
    file.write_text(
        "from nineam import journey, check\n\n@journey\nasync def look(user):\n"
        "    answer = await user.post('/', json={'a': 1})\n    check('whole', answer.json() == {'ok': True})\n"
        "    await user.get('/')\n"
    )
    stats, seen = play(f"{profile}=1", each(1), requests=(), journeys_file=str(file))
    assert {e.name: (e.requests, e.failed) for e in stats.endpoints} == {
        f"POST / [{profile}]": (1, 0),
        f"GET / [{profile}]": (1, 0),
    }
    assert [(check.passes, check.fails) for check in stats.checks] == [(1, 0)]
    assert len(seen) == 1, "the connection was kept"


def test_a_large_answer_arrives_whole_over_a_line(tmp_path):
    file = tmp_path / "monday.py"
    file.write_text(
        "from nineam import journey, check\n\n@journey\nasync def look(user):\n"
        "    answer = await user.get('/big')\n"
        f"    check('whole', answer.content == b'x' * {BIG})\n"
        "    async with user.stream('GET', '/big') as answer:\n"
        f"        check('streamed', sum([len(part) async for part in answer.chunks()]) == {BIG})\n"
    )
    stats, _ = play("4g=1", each(1), requests=(), journeys_file=str(file))
    assert {check.name: check.passes for check in stats.checks} == {"whole": 1, "streamed": 1}
    assert of(stats, "GET /big [4g]").requests == 2


def test_an_answer_that_ends_with_the_connection_arrives_whole_over_a_line():
    class Closing(Observed):
        def data_received(self, data):
            self.transport.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
            self.transport.close()

    stats, _ = play("4g=1", each(1), Closing)
    assert of(stats, "GET / [4g]").statuses == {"200": 1}
    assert stats.data_received > 100_000


def test_a_refused_connection_is_what_it_is_over_a_line_too():
    async def nowhere(protocol):
        listener, address = await on_a_port(protocol)
        listener.close()
        return listener, address

    stats, _ = play("4g=1", each(1), listen=nowhere)
    assert of(stats, "GET / [4g]").errors == {"connection refused": 1}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command for a certificate")
def test_a_line_goes_through_tls(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    async def secure(protocol):
        listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=context)
        return listener, f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"

    big = (RequestSpec(method="GET", path="/big", name="GET /big"),)
    stats, _ = play("4g=1", each(2), listen=secure, requests=big, http=HttpOptions(insecure_skip_tls_verify=True))
    assert {e.name: e.statuses for e in stats.endpoints} == {"GET /big": {"200": 1}, "GET /big [4g]": {"200": 1}}


def test_a_line_goes_through_a_unix_socket(tmp_path):
    async def local(protocol):
        listener = await asyncio.get_running_loop().create_unix_server(protocol, tmp_path / "s")
        return listener, f"unix:{tmp_path}/s"

    stats, _ = play("4g=1", each(2), listen=local)
    assert {e.name: e.statuses for e in stats.endpoints} == {"GET /": {"200": 1}, "GET / [4g]": {"200": 1}}


def test_a_client_that_hangs_up_is_seen_by_the_server_and_is_no_failure():
    stats, seen = play("hang-up=1", each(3, iterations=30))
    apart = of(stats, "GET / [hang-up]")
    hung_up = apart.errors["hung up by the client"]
    assert (apart.requests, apart.failed) == (30, 0)
    assert 6 <= hung_up <= 28
    assert sum(connection.ended != "" for connection in seen) >= hung_up
    assert of(stats, "GET /").statuses == {"200": 60}


def test_a_client_that_hangs_up_in_the_middle_resets_what_the_server_still_sends():
    big = (RequestSpec(method="GET", path="/big", name="GET /big"),)
    _, seen = play("hang-up=1", each(1, iterations=12), requests=big)
    assert "ConnectionResetError" in {connection.ended for connection in seen} or any(
        connection.paused for connection in seen
    )


def test_hanging_up_ends_the_iteration_without_a_word(tmp_path):
    file = tmp_path / "monday.py"
    file.write_text(
        "from nineam import journey, check\n\n@journey\nasync def look(user):\n"
        "    answer = await user.get('/')\n    check('ok', answer.json() == {'ok': True})\n    await user.get('/b')\n"
    )
    stats, _ = play("hang-up=1", each(1, iterations=40), requests=(), journeys_file=str(file))
    assert not stats.problems
    assert all(check.fails == 0 for check in stats.checks)
    assert of(stats, "GET / [hang-up]").requests == 40
    assert of(stats, "GET /b [hang-up]").requests < 40


def test_the_same_seed_hangs_up_at_the_same_requests():
    def hung_up(seed):
        stats, _ = play("hang-up=1", each(1, iterations=8), Silent, seed=seed, timeout_s=0.1)
        return of(stats, "GET / [hang-up]").errors

    assert hung_up(3) == hung_up(3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=8), st.sampled_from([0.0, 100_000.0]))
def test_a_pipe_keeps_bytes_and_their_order(parts, rate):
    async def main():
        arrived, done = [], asyncio.Event()
        pipe = Pipe(rate, 0.001, arrived.append, done.set)
        for part in parts:
            pipe.put(part)
        pipe.hold()
        pipe.release()
        await asyncio.wait_for(done.wait(), 5)
        assert pipe.waiting == 0
        return b"".join(arrived)

    assert asyncio.run(main()) == b"".join(parts)
