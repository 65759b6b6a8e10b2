"""The HTTP/1.1 client: connections in lanes, connecting, timeouts, one retry of a stale keep-alive connection.

Nothing here raises for what an application does: a request that fails is a response with `status` 0 and an `error`.
"""

import asyncio
import socket
import ssl
import time

from nineam.load import failures
from nineam.load.outgoing import Builder, Outgoing, parse_target
from nineam.load.response import Response
from nineam.load.wire import Connection

SWEEP_S = 0.05
CACHED_REQUESTS = 4096

clock = time.perf_counter_ns


class Lane:
    """A stack of idle connections, last in first out: one per scripted user, one for all plain requests."""

    __slots__ = ("client", "idle")

    def __init__(self, client: "Client") -> None:
        self.client = client
        self.idle: list[Connection] = []

    def send(self, response: Response) -> None:
        """Send `response.outgoing` on an idle connection or a new one."""
        if self.idle:
            self.idle.pop().start(response)
        else:
            self.client.connect(self, response)

    def gone(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        self.client.connections.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)

    def resend(self, response: Response) -> None:
        """Send once more, on a new connection: the server had closed the old one before it read a byte of this."""
        response.retried = True
        self.client.connect(self, response)

    def close(self, keep: int = 0) -> None:
        """Close idle connections, the longest unused first, until `keep` are left."""
        for connection in self.idle[: max(0, len(self.idle) - keep)]:
            connection.abort()


class Client:
    """Talks to one target from one event loop. Raises `UsageError` for an address it cannot understand."""

    def __init__(self, base_url: str, *, timeout_s: float = 30.0, mark_requests: bool = True) -> None:
        self.target = parse_target(base_url)
        self.build = Builder(self.target).build
        self.raw = Builder(self.target).raw
        self.timeout_ns = round(timeout_s * 1e9)
        self.mark_requests = mark_requests
        self.connections: set[Connection] = set()
        self._connecting: dict[asyncio.Task[None], Response] = {}
        self.known: dict[str, Outgoing] = {}
        self._addresses: list[tuple[str, int]] = []
        self._tls = ssl.create_default_context() if self.target.scheme == "https" else None
        self._sweeper: asyncio.TimerHandle | None = None

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
        headers = {name: value for name, value in asked.headers.items() if body or not name.startswith("content-")}
        return self.build(method, url, headers=headers, data=body or None)

    def in_flight(self) -> int:
        """How many requests are under way."""
        return len(self._connecting) + sum(connection.response is not None for connection in self.connections)

    def sweep(self) -> None:
        """Fail what is over its deadline, now and again every so often until `close`."""
        now = clock()
        for connection in list(self.connections):
            response = connection.response
            if response is not None and response.deadline_ns < now:
                connection.fail(failures.TIMEOUT)
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_S, self.sweep)

    def interrupt(self, kind: str) -> None:
        """Fail everything under way and close its connections."""
        for connection in list(self.connections):
            if connection.response is not None:
                connection.fail(kind)
        for task, response in list(self._connecting.items()):
            task.cancel()
            _give_up(response, kind)

    def close(self) -> None:
        """Close all connections and stop looking for timeouts."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for task in self._connecting:
            task.cancel()
        for connection in list(self.connections):
            connection.abort()

    def connect(self, lane: Lane, response: Response) -> None:
        """Open a connection for a request and send it."""
        task = asyncio.get_running_loop().create_task(self._connect(lane, response))
        self._connecting[task] = response
        task.add_done_callback(lambda done: self._connecting.pop(done, None))

    async def _connect(self, lane: Lane, response: Response) -> None:
        began = clock()
        try:
            async with asyncio.timeout(max(0.0, (response.deadline_ns - began) / 1e9)):
                connection = await self._open(lane)
        except (OSError, TimeoutError) as error:
            _give_up(response, failures.kind_of(error))
            return
        if not connection.open:
            _give_up(response, failures.CLOSED)
            return
        now = clock()
        response.connecting_ns = now - began
        response.blocked_ns = now - response.issued_ns
        self._connecting.pop(asyncio.current_task(), None)  # type: ignore[arg-type]
        connection.start(response)

    async def _open(self, lane: Lane) -> Connection:
        loop = asyncio.get_running_loop()
        if not self._addresses:
            self._addresses = await self._resolve(loop)
        problem: OSError | None = None
        for address in list(self._addresses):
            try:
                _, connection = await loop.create_connection(
                    lambda: Connection(lane),
                    *address,
                    ssl=self._tls,
                    server_hostname=self.target.host if self._tls else None,
                )
            except OSError as error:
                problem = problem or error
            else:
                self._addresses = [address]
                return connection
        raise problem or OSError("no address")

    async def _resolve(self, loop: asyncio.AbstractEventLoop) -> list[tuple[str, int]]:
        found = await loop.getaddrinfo(self.target.host, self.target.port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys((str(address[0]), int(address[1])) for *_, address in found))


def _give_up(response: Response, kind: str) -> None:
    response.error = kind
    response.end_ns = clock()
    if not response.blocked_ns:
        response.blocked_ns = response.end_ns - response.issued_ns
    response.answered(response)
