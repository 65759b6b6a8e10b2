"""Sends one request exactly as it is, on a connection of its own, and says what came of it."""

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import httptools

from nineam.model import Payload, Record
from nineam.model.address import unix_address

CONNECT_S = 5.0
MOST_READ = 16_000_000
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Headers = tuple[tuple[str, str], ...]
Ending = Literal["answered", "closed", "reset", "cut short", "silent", "garbled", "refused"]
WORDS: dict[Ending, str] = {
    "closed": "the connection was closed without an answer",
    "reset": "the connection was reset",
    "cut short": "the answer was cut short",
    "silent": "no answer in time",
    "garbled": "the answer was no HTTP",
    "refused": "nobody listened any more",
}


class Answer(Record, frozen=True, kw_only=True):
    """What came of one request; `status` is 0 without an answer, `elapsed_ms` counts from the send."""

    ending: Ending = "answered"
    status: int = 0
    elapsed_ms: float = 0.0

    @property
    def words(self) -> str:
        """Say it in a few words."""
        return WORDS.get(self.ending, str(self.status))

    def failed(self, payload: Payload) -> bool:
        """Whether this is a failure of the application's: a 5xx that is not right, or no answer where one is due."""
        if self.ending in ("closed", "reset"):
            return not payload.may_close
        return self.ending != "answered" or (self.status >= 500 and self.status not in payload.also)


class Target(NamedTuple):
    """Where requests go: `base_url`, headers that every request has besides its own, and how long to wait (seconds).

    `headers` may be secret: they are sent and never written down. So are those in `logins`, by endpoint, which leave
    alone a header that a request has itself.
    """

    base_url: str
    headers: Headers = ()
    timeout_s: float = 10.0
    logins: Mapping[str, Headers] = MappingProxyType({})

    def login(self, payload: Payload) -> Headers:
        """Give the headers of its endpoint that a request goes without."""
        own = {name.lower() for name, _ in payload.headers}
        return tuple(line for line in self.logins.get(payload.endpoint, ()) if line[0] not in own)

    @property
    def host(self) -> str:
        """What stands in the header `host`."""
        return "localhost" if unix_address(self.base_url) else urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def prefix(self) -> str:
        """The path below which the application is."""
        local = unix_address(self.base_url)
        return (local.path if local else urlsplit(self.base_url).path).rstrip("/")

    async def open(self) -> Streams:
        """Open a connection. Raises `OSError`."""
        local = unix_address(self.base_url)
        if local:
            return await asyncio.open_unix_connection(local.file)
        parts = urlsplit(self.base_url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        return await asyncio.open_connection(parts.hostname, port, ssl=_unverified() if secure else None)


async def ask(target: Target, payload: Payload) -> Answer:
    """Send a request and wait for the end of its answer. Raises nothing."""
    clock = asyncio.get_running_loop().time
    begin = clock()
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await target.open()
    except (OSError, TimeoutError):
        return Answer(ending="refused")
    reading = _Reading(payload.method)
    try:
        async with asyncio.timeout(target.timeout_s):
            data = payload.over_the_wire(target.host, (*target.login(payload), *target.headers), target.prefix)
            sending = asyncio.ensure_future(_send(writer, data, payload))
            try:
                ending = await reading.read(reader)
            finally:
                await _ended(sending)
    except TimeoutError:
        ending = "silent"
    except OSError:
        ending = "answered" if reading.complete else "reset"
    finally:
        writer.transport.abort()
    return Answer(ending=ending, status=reading.status, elapsed_ms=round((clock() - begin) * 1000, 3))


async def _send(writer: asyncio.StreamWriter, data: bytes, payload: Payload) -> None:
    """A server may answer, and close, before it has read everything."""
    with contextlib.suppress(OSError):
        writer.write(data)
        await writer.drain()
        if payload.ends and writer.can_write_eof():
            writer.write_eof()


async def _ended(task: "asyncio.Future[None]") -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


class _Reading:
    """Reads one answer; what comes before the final one (100 Continue) does not count."""

    def __init__(self, method: str) -> None:
        self.status = 0
        self.complete = False
        self._head_only = method == "HEAD"
        self._parser = httptools.HttpResponseParser(self)

    async def read(self, reader: asyncio.StreamReader) -> Ending:
        """Read to the end. Raises `OSError`."""
        size = 0
        while not self.complete and size < MOST_READ:
            data = await reader.read(65_536)
            if not data:
                return self._closed()
            size += len(data)
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade:
                break
            except httptools.HttpParserError:
                return "answered" if self.complete else "garbled"
        return "answered"

    def _closed(self) -> Ending:
        """Say what it means that nothing follows: perhaps the end of an answer that does not tell its length."""
        if not self.status:
            return "closed"
        return "answered" if self._head_only or self._until_closed else "cut short"

    _until_closed = True

    def on_message_begin(self) -> None:
        """Begin an answer."""
        self._until_closed = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Look for what tells where the answer ends."""
        if name.lower() == b"content-length" or (name.lower() == b"transfer-encoding" and b"chunked" in value.lower()):
            self._until_closed = False

    def on_headers_complete(self) -> None:
        """Note the status."""
        self.status = self._parser.get_status_code()
        self.complete = self._head_only and self.status >= 200

    def on_message_complete(self) -> None:
        """Note the end."""
        self.complete = self.status >= 200


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
