"""Locustfiles against a server that keeps a diary, through the load process."""

import asyncio
import contextlib
import json
import re
import textwrap
from collections import Counter
from typing import NamedTuple

from nineam.load.process import LoadProcess
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase

LENGTH = re.compile(rb"content-length: (\d+)", re.I)
SECOND = Phase(name="load", executor="constant-vus", duration_s=0.6, vus=2)


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Outcome(NamedTuple):
    asked: list[Asked]
    phases: list[LoadStats]
    printed: list[str]

    @property
    def stats(self):
        return self.phases[-1]

    @property
    def endpoints(self):
        return {endpoint.name: endpoint for endpoint in self.stats.endpoints}

    @property
    def problems(self):
        return {problem.where: problem.message for problem in self.stats.problems}

    def count(self, method, path):
        return Counter((each.method, each.path.partition("?")[0]) for each in self.asked)[method, path]


def answer(asked):
    """Status, more header lines and body."""
    path = asked.path.partition("?")[0]
    if path.startswith("/status/"):
        return int(path.rpartition("/")[2]), "", b"no"
    if path.startswith("/to/"):
        return 302, f"location: /{path[4:]}\r\nset-cookie: hop=1; Path=/\r\n", b""
    if path == "/login":
        return 200, "set-cookie: session=s3cret; Path=/\r\n", json.dumps({"token": "t0ken"}).encode()
    if path == "/text":
        return 200, "", b"plain text"
    shown = {"path": asked.path, "body": asked.body.decode("latin-1"), "headers": asked.headers}
    return 200, "content-type: application/json\r\n", json.dumps(shown).encode()


async def converse(diary, reader, writer):
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            body = await reader.readexactly(int(length.group(1))) if length else b""
            first, *lines = head.decode("latin-1").strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            method, path, _ = first.split(" ")
            diary.append(Asked(method, path, headers, body))
            status, more, content = answer(diary[-1])
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(content)}\r\n{more}\r\n".encode())
            writer.write(b"" if method == "HEAD" else content)
    writer.close()


async def play(file, phases, plan):
    diary = []
    server = await asyncio.start_server(lambda r, w: converse(diary, r, w), "127.0.0.1", 0)
    process = LoadProcess()
    stats = []
    try:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await process.start(LoadPlan(base_url=url, locustfile=str(file), **plan))
        for phase in phases:
            total = LoadStats()
            async for event in process.run(phase):
                total = merge(total, event.stats)
            stats.append(total)
    finally:
        await process.stop()
        server.close()
    return Outcome(diary, stats, list(process._last_lines))


def written(folder, text, name="locustfile.py"):
    file = folder / name
    file.write_text(textwrap.dedent(text))
    return file


def run(folder, text, *phases, **plan):
    return asyncio.run(play(written(folder, text), phases or (SECOND,), plan))
