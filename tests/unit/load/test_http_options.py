"""The options of a plan reach the requests of a load process."""

import asyncio
import socket

import pytest
from test_http2 import application, certificate  # noqa: F401 - a fixture

from nineam.errors import UsageError
from nineam.load.process import LoadProcess
from nineam.merging import merge
from nineam.model import HttpOptions, LoadPlan, LoadStats, Phase, RequestSpec

REQUESTS = (RequestSpec(method="GET", path="/", name="GET /"),)
PHASE = Phase(name="short", executor="constant-vus", duration_s=0.3, vus=3)


async def played(url, options):
    process = LoadProcess()
    total = LoadStats()
    try:
        await process.start(LoadPlan(base_url=url, requests=REQUESTS, http=options))
        async for event in process.run(PHASE):
            total = merge(total, event.stats)
    finally:
        await process.stop()
    return total


def test_http2_over_tls_through_a_whole_load_process(certificate):  # noqa: F811 - the fixture
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    async def main():
        config, stop = Config(), asyncio.Event()
        config.accesslog = config.errorlog = None
        config.certfile, config.keyfile = map(str, certificate)
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config.bind = [f"fd://{listening.detach()}"]
        serving = asyncio.create_task(serve(application, config, shutdown_trigger=stop.wait))
        found = await played(f"https://127.0.0.1:{port}", HttpOptions(http2=True, insecure_skip_tls_verify=True))
        stop.set()
        await asyncio.wait([serving], timeout=5)
        return found

    stats = asyncio.run(main())
    (endpoint,) = stats.endpoints
    assert endpoint.statuses == {"200": endpoint.requests}
    handshakes = stats.timings["http_req_tls_handshaking"]
    assert handshakes.count == endpoint.requests
    assert handshakes.max > 0


def test_a_unix_socket_without_reuse_through_a_whole_load_process(tmp_path):
    async def main():
        connections = []

        async def serve(reader, writer):
            connections.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()
            writer.close()

        listener = await asyncio.start_unix_server(serve, str(tmp_path / "app.sock"))
        found = await played(f"unix:{tmp_path}/app.sock", HttpOptions(no_connection_reuse=True))
        listener.close()
        return found, connections

    stats, connections = asyncio.run(main())
    (endpoint,) = stats.endpoints
    assert 0 < endpoint.requests <= len(connections)
    assert endpoint.statuses == {"200": endpoint.requests}
    assert all(b"connection: close" in head for head in connections)


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("http://127.0.0.1:1", HttpOptions(proxy="socks5://127.0.0.1:1"), "its scheme is socks5"),
        ("unix:", HttpOptions(), "names no socket"),
    ],
)
def test_options_that_cannot_be_used_are_told_before_anything_is_sent(url, options, message):
    with pytest.raises(UsageError, match=message):
        asyncio.run(played(url, options))
