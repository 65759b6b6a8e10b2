"""Looks every so often for what took too long, so that a request pays nothing for its timeouts."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from nineam.load import failures
from nineam.load.alarm import told_by
from nineam.load.response import Response

if TYPE_CHECKING:
    from nineam.load.http import Client
    from nineam.load.wire import Connection

SWEEP_S = 0.05
MARGIN_NS = 1_000_000_000

clock = time.perf_counter_ns


class Sweeper:
    """Ends requests over their deadline or silent for too long, and connections that the server soon closes.

    `failed` is told what goes wrong meanwhile; the next look comes all the same.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._handle: asyncio.TimerHandle | None = None
        self.failed: Callable[[Exception], None] | None = None
        self._heard: dict[Response, tuple[int, int]] = {}
        self._hints: dict[Connection, tuple[int, int, int]] = {}

    def sweep(self) -> None:
        """Look now, and again until `stop`."""
        loop = asyncio.get_running_loop()
        self._handle = loop.call_later(SWEEP_S, self.sweep)
        try:
            self._look(clock())
        except Exception as error:  # noqa: BLE001 - no request of anybody's would ever time out again
            (self.failed or told_by(loop))(error)

    def _look(self, now: int) -> None:
        heard, self._heard = self._heard, {}
        for connection in list(self._client.connections):
            response = connection.response
            if response is None:
                continue
            if response.deadline_ns < now:
                connection.fail(failures.TIMEOUT)
            elif response.outgoing.timeouts is not None and self._silent(response, heard, now):
                connection.fail(failures.READ_TIMEOUT)
        for shared in list(self._client.multiplexed):
            for response in shared.exchanges():
                if response.deadline_ns < now:
                    shared.abandon(response, failures.TIMEOUT)
                elif response.outgoing.timeouts is not None and self._silent(response, heard, now):
                    shared.abandon(response, failures.READ_TIMEOUT)
        if self._hints:
            self._retire(now)

    def stop(self) -> None:
        """Look no more."""
        if self._handle is not None:
            self._handle.cancel()

    def hint(self, connection: "Connection", seconds: int) -> None:
        """Close a connection once it was idle for almost `seconds`, after which its server would."""
        limit_ns = seconds * 1_000_000_000
        self._hints[connection] = (limit_ns - min(MARGIN_NS, limit_ns // 2), connection.uses, clock())

    def forget(self, connection: "Connection") -> None:
        """Forget a connection that is closed."""
        self._hints.pop(connection, None)

    def _silent(self, response: Response, before: dict[Response, tuple[int, int]], now: int) -> bool:
        limits, heard = response.outgoing.timeouts, before.get(response)
        bytes_so_far = response.bytes_sent + response.bytes_received
        if limits is None or not limits.read_ns or not response.sent_ns:
            return False
        if heard is None:
            heard = (bytes_so_far, response.first_ns or response.sent_ns)
        elif heard[0] != bytes_so_far:
            heard = (bytes_so_far, now)
        self._heard[response] = heard
        return now - heard[1] > limits.read_ns

    def _retire(self, now: int) -> None:
        for connection, (limit_ns, uses, since) in list(self._hints.items()):
            if connection.response is not None or connection.uses != uses:
                self._hints[connection] = (limit_ns, connection.uses, now)
            elif now - since >= limit_ns:
                connection.abort()
