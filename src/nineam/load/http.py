"""The HTTP client: connections in lanes, opened on demand, kept for the next request.

Nothing here raises for what an application does: a request that fails is a response with `status` 0 and an `error`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from nineam.load import failures
from nineam.load.connecting import Connector
from nineam.load.heads import Heads
from nineam.load.outgoing import Builder, Outgoing
from nineam.load.response import Response
from nineam.load.sweeper import Sweeper
from nineam.load.target import parse_target
from nineam.load.timeouts import UNLIMITED
from nineam.load.wire import Connection, OnceConnection
from nineam.model import HttpOptions, Payload

if TYPE_CHECKING:
    from nineam.load.http2 import Http2Connection

    AnyConnection = Connection | Http2Connection

CACHED_REQUESTS = 4096

clock = time.perf_counter_ns


class Lane:
    """A stack of idle connections, last in first out: one per scripted user, one for all plain requests."""

    __slots__ = ("client", "connections", "idle")

    connection: type[Connection] = Connection  # what this lane's connections are

    def __init__(self, client: "Client") -> None:
        self.client = client
        self.idle: list[Connection] = []
        self.connections: set[Connection] = set()

    def send(self, response: Response) -> None:
        """Send `response.outgoing` on an idle connection or a new one."""
        if self.idle:
            self.idle.pop().start(response)
        else:
            self.client.connect(self, response)

    async def open(self, response: Response) -> "AnyConnection":
        """Open a connection for a request. Raises `OSError`."""
        connection: Connection = await self.client.connector.open(lambda: self.connection(self), response)
        return connection

    def came(self, connection: Connection) -> None:
        """Know a connection that is up."""
        self.connections.add(connection)
        self.client.connections.add(connection)

    def gone(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        self.connections.discard(connection)
        self.client.connections.discard(connection)
        self.client.sweeper.forget(connection)
        if connection in self.idle:
            self.idle.remove(connection)

    def resend(self, response: Response) -> None:
        """Send once more, on a new connection: the server, as it seems, had closed the old one before it read this."""
        response.retried = True
        self.client.retried[response.outgoing.name] += 1
        self.client.connect(self, response)

    def abandon(self, response: Response, kind: str) -> None:
        """Fail one request that is under way, unless it has ended, and close its connection."""
        if response.end_ns:
            return
        for connection in self.connections:
            if connection.response is response:
                connection.fail(kind)
                return
        self.client.stop_connecting(response, kind)

    def close(self, keep: int = 0) -> None:
        """Close idle connections, the longest unused first, until `keep` are left."""
        for connection in self.idle[: max(0, len(self.idle) - keep)]:
            connection.abort()


class OnceLane(Lane):
    """A lane that opens a connection for each request."""

    __slots__ = ()

    connection = OnceConnection


class Client:
    """Talks to one target from one event loop. Raises `UsageError` for an address or options it cannot understand."""

    unhurried = False  # whether nobody waits for its answers at the end of a phase

    def __init__(
        self,
        base_url: str,
        *,
        timeout_s: float = 30.0,
        mark_requests: bool = True,
        options: HttpOptions = HttpOptions(),  # noqa: B008 - it is frozen
    ) -> None:
        self.target = parse_target(base_url)
        self.options = options
        self.connector = Connector(self.target, options)
        builder = Builder(self.target, options)
        self.build = builder.build
        self.raw = builder.raw
        self.named = builder.named
        self.rename = builder.rename
        self.timeout_ns = round(timeout_s * 1e9)
        self.mark_requests = mark_requests
        self.connections: set[Connection] = set()
        self.heads = Heads()
        self.multiplexed: set[Http2Connection] = set()
        self.sweeper = Sweeper(self)
        self.sweep = self.sweeper.sweep
        self.retried: Counter[str] = Counter()  # how many requests of an endpoint went out twice; who counts, clears
        self._connecting: dict[Response, asyncio.Task[None]] = {}
        self.known: dict[str, Outgoing] = {}
        self.payloads: Iterator[Payload] | None = None  # what hostile users send, in turn, if it is a given set

    def lane(self, *, shared: bool = False) -> Lane:
        """Make a lane that travels as the options say; a `shared` one gives every request a connection of its own."""
        if self.options.http2:
            from nineam.load.http2_lane import Http2Lane  # noqa: PLC0415 - the library is needed for HTTP/2 only

            return Http2Lane(self, streams=1 if shared or self.options.no_connection_reuse else 0)
        return OnceLane(self) if self.options.no_connection_reuse else Lane(self)

    def plain(self, method: str, path: str) -> Outgoing:
        """Give a request that is nothing but a method and a path; a GET is built once and then `known` by its path."""
        outgoing = self.known.get(path) if method == "GET" else None
        if outgoing is None:
            outgoing = self.build(method, path)
            if len(self.known) >= CACHED_REQUESTS:
                self.known.clear()
            if method == "GET":
                self.known[path] = outgoing
        return outgoing

    def follow(self, asked: Outgoing, method: str, url: str, body: bytes) -> Outgoing:
        """Build the request that a redirect asks for: `url` is on the target; named by its path like any other."""
        data = body or (asked.upload if method == asked.method else None)
        about_body = () if data else ("content-type", "content-encoding", "content-language")
        left = (*about_body, "content-length", "transfer-encoding")
        headers = {name: value for name, value in asked.headers.items() if name not in left}
        following = self.build(method, url, headers=headers, data=data)
        following.timeouts = asked.timeouts
        return following

    def in_flight(self) -> int:
        """How many requests are under way."""
        shared = sum(each.in_flight() for each in self.multiplexed if not each.lane.client.unhurried)
        alone = sum(
            connection.response is not None and not connection.lane.client.unhurried for connection in self.connections
        )
        return len(self._connecting) + shared + alone

    def interrupt(self, kind: str) -> None:
        """Fail everything under way, close its connections, and end the iterations that wait for it."""
        for connection in list(self.connections):
            if connection.response is not None:
                _end_wait(connection.response)
                connection.fail(kind)
        for shared in list(self.multiplexed):
            if waiting := shared.exchanges():
                for response in waiting:
                    _end_wait(response)
                shared.fail(kind)
        for response in list(self._connecting):
            _end_wait(response)
            self.stop_connecting(response, kind)

    def interrupt_users(self, users: Collection[object], kind: str) -> None:
        """Fail what some users have under way, and end the iterations that wait for it."""
        for connection in list(self.connections):
            if connection.response is not None and _asked_by(connection.response) in users:
                _end_wait(connection.response)
                connection.fail(kind)
        for shared in list(self.multiplexed):
            for response in [each for each in shared.exchanges() if _asked_by(each) in users]:
                _end_wait(response)
                shared.abandon(response, kind)
        for response in list(self._connecting):
            if _asked_by(response) in users:
                _end_wait(response)
                self.stop_connecting(response, kind)

    def stop_connecting(self, response: Response, kind: str) -> None:
        """Fail a request that still waits for its connection, if it does."""
        task = self._connecting.pop(response, None)
        if task is not None:
            task.cancel()
            _give_up(response, kind)

    def close(self) -> None:
        """Close all connections and stop looking for timeouts."""
        self.sweeper.stop()
        for task in self._connecting.values():
            task.cancel()
        for connection in list(self.connections):
            connection.abort()
        for shared in list(self.multiplexed):
            shared.abort()

    def connect(self, lane: Lane, response: Response) -> None:
        """Open a connection for a request and send it."""
        self._connecting[response] = asyncio.get_running_loop().create_task(self._connect(lane, response))

    async def _connect(self, lane: Lane, response: Response) -> None:
        left_ns = max(0, response.deadline_ns - clock())
        limit_ns = (response.outgoing.timeouts or UNLIMITED).connect_ns or left_ns
        connection, problem = None, failures.CLOSED
        try:
            async with asyncio.timeout(min(limit_ns, left_ns) / 1e9):
                connection = await lane.open(response)
        except TimeoutError as error:  # one with a number is the kernel's
            connecting = limit_ns < left_ns or error.errno
            problem = failures.CONNECT_TIMEOUT if connecting else failures.TIMEOUT
        except Exception as error:  # noqa: BLE001 - whatever it is, the user must not wait for ever
            problem = failures.kind_of(error, self.target.host)
        self._connecting.pop(response, None)
        if connection is None or not connection.open:
            _give_up(response, problem)
            return
        response.blocked_ns = clock() - response.issued_ns
        connection.start(response)


def _asked_by(response: Response) -> object:
    """The user who is told of the answer, by itself or by what it wished."""
    told = getattr(response.answered, "__self__", None)
    return getattr(told, "asker", told)


def _end_wait(response: Response) -> None:
    """Cancel who waits for an answer that will not come: what follows it in the journey is not to happen."""
    if isinstance(response.waiter, asyncio.Future):
        response.waiter.cancel()


def _give_up(response: Response, kind: str) -> None:
    response.error = kind
    response.end_ns = clock()
    if not response.blocked_ns:
        response.blocked_ns = response.end_ns - response.issued_ns
    response.answered(response)
