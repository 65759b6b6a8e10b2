"""The generator against a server that does nothing: what a request costs here, and how many it can send at most."""

import asyncio
import subprocess
import sys
from typing import NamedTuple, cast

from nineam.errors import NineamError
from nineam.load.process import LoadProcess
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase, RequestSpec

SECONDS = 1.0
VUS = 16
BODY = b'{"ok":true}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
END = b"\r\n\r\n"


class SelfTest(NamedTuple):
    """What the generator can do on this machine: CPU microseconds per request, requests per second."""

    cpu_us_per_request: float
    max_rate: float
    requests: int


class Stub(asyncio.Protocol):
    """Answers every request at once with 200."""

    _transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer; the generator never sends a body here, and each of its heads fits one packet."""
        self._transport.write(ANSWER * data.count(END))


async def measure(seconds: float = SECONDS) -> SelfTest:
    """Measure one shard process against a stub in a process of its own.

    Raises `NineamError` when either cannot run.
    """
    stub = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "nineam.load.selftest", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert stub.stdin is not None
    assert stub.stdout is not None
    try:
        line = await stub.stdout.readline()
        if not line:
            raise NineamError("the stub server for the generator's self-test did not start")
        return await _against(f"http://127.0.0.1:{int(line)}", seconds)
    finally:
        stub.stdin.close()
        await stub.wait()


async def _against(base_url: str, seconds: float) -> SelfTest:
    plan = LoadPlan(base_url=base_url, requests=(RequestSpec(method="GET", path="/", name="GET /"),))
    process = LoadProcess()
    total = LoadStats()
    elapsed_s = seconds
    try:
        await process.start(plan)
        async for event in process.run(Phase(name="self-test", executor="constant-vus", duration_s=seconds, vus=VUS)):
            total, elapsed_s = merge(total, event.stats), event.elapsed_s
    finally:
        await process.stop()
    requests = total.generator.requests
    if not requests or any(endpoint.failed for endpoint in total.endpoints):
        raise NineamError("the generator's self-test against a local stub failed")
    return SelfTest(total.generator.cpu_s * 1e6 / requests, requests / elapsed_s, requests)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve())
