"""WebSockets, spoken by the `websockets` library on connections that are opened like any other."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypedDict

from nineam.endpoints import endpoint_name
from nineam.load import failures
from nineam.load.outgoing import Outgoing
from nineam.load.response import Response

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from nineam.load.asking import Asker

LARGEST_MESSAGE = 64_000_000
CLOSE_TIMEOUT_S = 1.0
LONGEST_REASON = 100
ORDERLY = frozenset({1000, 1001, 1005})
MARK = "x-nineam-sent"

clock = time.perf_counter_ns


class WebSocketOptions(TypedDict, total=False):
    """What a journey may say about a WebSocket besides its path."""

    headers: Mapping[str, str]
    subprotocols: Sequence[str]
    params: Mapping[str, Any]
    name: str
    timeout: float


class WebSocketError(Exception):
    """A WebSocket did not do what the journey wanted; ends the iteration unless the journey catches it."""


class WebSocketRefused(WebSocketError):  # noqa: N818 - it says what happened
    """The application answered the request for a WebSocket with a `status` instead of opening one."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"{name} was refused with status {status}")
        self.status = status


class WebSocketClosed(WebSocketError):  # noqa: N818 - likewise
    """The other side closed with a `code` (1006: it was gone without a word) and a `reason`."""

    def __init__(self, name: str, code: int, reason: str) -> None:
        why = f" ({reason[:LONGEST_REASON]})" if reason else ""
        super().__init__(f"{name} was closed with code {code}{why}")
        self.code = code
        self.reason = reason


class WebSocketTimeout(WebSocketError, TimeoutError):  # noqa: N818 - likewise
    """Nothing came within the time that the journey gave."""


class WebSocket:
    """An open WebSocket: `send`, `receive`, `ping`, `close`, and `async for message in socket`."""

    def __init__(self, connection: "ClientConnection", name: str, collector: Any) -> None:
        self.name = name
        self._connection = connection
        self._collector = collector

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the application chose."""
        return self._connection.subprotocol

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the answer that opened it."""
        return dict(self._connection.response.headers.raw_items()) if self._connection.response else {}

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._connection.close_code is not None

    @property
    def close_code(self) -> int | None:
        """The code it was closed with, None while it is open."""
        return self._connection.close_code

    async def send(self, message: str | bytes) -> None:
        """Send a message. Raises `WebSocketClosed`."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as below

        try:
            await self._connection.send(message)
        except ConnectionClosed:
            raise self._gone() from None
        self._collector.counter("ws_msgs_sent")
        self._collector.traffic(len(message), 0)

    async def receive(self, timeout: float | None = None) -> str | bytes:
        """Wait for a message, so many seconds at most. Raises `WebSocketTimeout` and `WebSocketClosed`."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as below

        try:
            async with asyncio.timeout(timeout):
                message = await self._connection.recv()
        except TimeoutError:
            raise WebSocketTimeout(f"{self.name} sent no message within {timeout:g} s") from None
        except ConnectionClosed:
            raise self._gone() from None
        self._collector.counter("ws_msgs_received")
        self._collector.traffic(0, len(message))
        return message

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        while True:
            try:
                message = await self.receive()
            except WebSocketClosed as closed:
                if closed.code in ORDERLY:
                    return
                raise
            yield message

    async def ping(self, timeout: float | None = None) -> float:
        """Send a ping and wait for its pong: milliseconds. Raises `WebSocketTimeout` and `WebSocketClosed`."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as below

        began = clock()
        try:
            async with asyncio.timeout(timeout):
                await (await self._connection.ping())
        except TimeoutError:
            raise WebSocketTimeout(f"{self.name} answered no ping within {timeout:g} s") from None
        except ConnectionClosed:
            raise self._gone() from None
        milliseconds = (clock() - began) / 1e6
        self._collector.trend("ws_ping", milliseconds)
        return milliseconds

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say good-bye and wait for the other side's, a second at most."""
        await self._connection.close(code, reason)

    def _gone(self) -> WebSocketClosed:
        connection = self._connection
        code = connection.close_code
        return WebSocketClosed(self.name, 1006 if code is None else code, connection.close_reason or "")


class WebSocketSession:
    """Opens a WebSocket when it is entered and closes it when it is left."""

    def __init__(self, asker: "Asker", path: str, options: WebSocketOptions) -> None:
        self._asker = asker
        self._options = options
        self._outgoing: Outgoing = asker._engine.client.build("GET", path, params=options.get("params"))
        self._name = options.get("name") or endpoint_name("WebSocket", self._outgoing.path)
        self._collector = asker._engine.collector
        self._tags = {"name": self._name}
        self._connection: ClientConnection | None = None
        self._opened_ns = 0

    async def __aenter__(self) -> WebSocket:
        asker = self._asker
        if asker._engine.ending or asker._closed:
            raise asyncio.CancelledError
        asker._sent += 1
        asker._late_ns = 0
        limit_s = self._options.get("timeout") or asker._timeout_ns / 1e9
        began = clock()
        try:
            async with asyncio.timeout(limit_s):
                connection = await self._open(began)
        except TimeoutError:
            asker._last_status = 0
            raise WebSocketTimeout(f"{self._name} was not opened within {limit_s:g} s") from None
        self._connection = connection
        self._opened_ns = clock()
        self._collector.counter("ws_sessions", tags=self._tags)
        self._collector.trend("ws_connecting", (self._opened_ns - began) / 1e6, self._tags)
        return WebSocket(connection, self._name, self._collector)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            if isinstance(error, asyncio.CancelledError):
                connection.transport.abort()  # there is no time for a good-bye
            else:
                await connection.close()
        finally:
            self._collector.trend("ws_session_duration", (clock() - self._opened_ns) / 1e6, self._tags)

    async def _open(self, began: int) -> "ClientConnection":
        # most journeys open no WebSocket and need no library for it
        from websockets.exceptions import InvalidHandshake, InvalidStatus  # noqa: PLC0415 - see above

        asker = self._asker
        unanswered = Response(self._outgoing, began, began, began, _not_counted)
        try:
            connection = await asker._engine.client.connector.open(self._connection_to_be, unanswered, tunnel=True)
        except OSError as error:
            asker._last_status = 0
            kind = failures.kind_of(error, asker._engine.client.target.host)
            raise WebSocketError(f"{self._name} was not opened: {kind}") from None
        try:
            await connection.handshake(self._headers(), "nineam")
        except BaseException as error:
            connection.transport.abort()
            if isinstance(error, InvalidStatus):
                asker._last_status = error.response.status_code
                raise WebSocketRefused(self._name, error.response.status_code) from None
            if isinstance(error, InvalidHandshake | OSError | EOFError):
                asker._last_status = 0
                raise WebSocketError(f"{self._name} was not opened: {_first_line(error)}") from None
            raise
        return connection  # type: ignore[no-any-return]

    def _connection_to_be(self) -> "ClientConnection":
        from websockets.asyncio.client import ClientConnection  # noqa: PLC0415 - see above
        from websockets.client import ClientProtocol  # noqa: PLC0415 - see above
        from websockets.typing import Subprotocol  # noqa: PLC0415 - see above
        from websockets.uri import parse_uri  # noqa: PLC0415 - see above

        url = self._outgoing.url.replace("http", "ws", 1)
        subprotocols = [Subprotocol(name) for name in self._options.get("subprotocols", ())]
        silent = logging.Logger("nineam.websocket", logging.CRITICAL)
        protocol = ClientProtocol(
            parse_uri(url), subprotocols=subprotocols or None, max_size=LARGEST_MESSAGE, logger=silent
        )
        return ClientConnection(protocol, ping_interval=None, close_timeout=CLOSE_TIMEOUT_S)

    def _headers(self) -> dict[str, str]:
        asker = self._asker
        headers = {**asker.headers, **self._options.get("headers", {})}
        if cookie := asker.cookies.header(self._outgoing.path.partition("?")[0]):
            headers["Cookie"] = cookie
        if asker._engine.client.mark_requests:
            headers[MARK] = str(clock())
        return headers


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _not_counted(response: Response) -> None:
    """The request that opens a WebSocket is no request of its own."""
