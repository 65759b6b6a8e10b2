"""Sends the ordinary requests of a trial at a steady rate, come what may (open load), and keeps what became of each.

A trial sends a few dozen requests a second, a few hundred at most: no process of its own is needed for that, and how
late it sent is part of the proof.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence

from nineam.load.http import Client
from nineam.load.response import Response
from nineam.model import HttpOptions, RequestSpec
from nineam.trials.window import Sample, Window, between

TICK_S = 0.005
clock = time.perf_counter_ns


def seconds() -> float:
    """Return the instant, in seconds of the clock that samples have."""
    return clock() / 1e9


class Player:
    """Open load of some requests in turn, each on a connection of its own.

    `rate` is per second and may be changed at any time; 0 pauses. Clients try again at most `retries` times.
    """

    def __init__(self, base_url: str, requests: Sequence[RequestSpec], *, limit_s: float) -> None:
        self.rate = 0.0
        self.retries = 0
        self.late_ms: list[float] = []
        # kept connections would all end up at one worker, and say nothing about the others
        options = HttpOptions(no_connection_reuse=True)
        self._client = Client(base_url, timeout_s=limit_s, mark_requests=False, options=options)
        self._client.sweep()
        self._lane = self._client.lane()
        self._built = {
            each.name: self._client.build(
                each.method, each.path, headers=dict(each.headers), data=each.body or None, name=each.name
            )
            for each in requests
        }
        self._next = itertools.cycle(self._built)
        self._responses: list[tuple[str, Response]] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def start(self, rate: float) -> None:
        """Send from now on."""
        self.rate = rate
        self._task = asyncio.create_task(self._send())

    def choose(self, names: Sequence[str]) -> None:
        """Send these in turn from now on; one named twice is sent twice as often."""
        self._next = itertools.cycle(names)

    def ask(self, name: str, intended_ns: int = 0, answered: Callable[[Response], None] | None = None) -> Response:
        """Send one request now; its `end_ns` is 0 until it has ended, which `answered` is told."""
        now = clock()
        intended = intended_ns or now
        response = Response(self._built[name], intended, now, now + self._client.timeout_ns, answered or _ignore)
        self._responses.append((name, response))
        self.late_ms.append((now - intended) / 1e6)
        self._lane.send(response)
        return response

    async def answer(self, name: str) -> Sample:
        """Send one request and wait for its end."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def answered(_: Response) -> None:
            if not ended.done():
                ended.set_result(None)

        response = self.ask(name, answered=answered)
        await ended
        return _sample(name, response)

    async def burst(self, names: Sequence[str], users: int, duration_s: float) -> Window:
        """Let so many users ask one request after the other, for so many seconds (closed load)."""
        began = seconds()

        async def user(offset: int) -> None:
            turn = itertools.cycle([*names[offset % len(names) :], *names[: offset % len(names)]])
            while seconds() - began < duration_s:
                await self.answer(next(turn))

        await asyncio.gather(*(user(number) for number in range(users)))
        return self.between(began, seconds())

    def samples(self) -> list[Sample]:
        """Return everything sent until now."""
        return [_sample(name, response) for name, response in self._responses]

    def between(self, begin: float, end: float) -> Window:
        """Choose what was to be sent between two instants."""
        return between(self.samples(), begin, end, seconds())

    def hang_up(self) -> int:
        """Give up everything under way, as clients do who close their page; how many requests that were."""
        waiting = [response for _, response in self._responses if not response.end_ns]
        for response in waiting:
            self._lane.abandon(response, "hung up by the client")
        return len(waiting)

    def close(self) -> None:
        """Send no more and close all connections."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
        self._client.close()

    def _ask_again(self, name: str, retries: int, due: int = 0) -> None:
        """Send a request, and send it again when it has failed."""

        def answered(response: Response) -> None:
            if not 200 <= response.status < 400 and not self._closed:
                self._ask_again(name, retries - 1)

        self.ask(name, due, answered if retries else None)

    async def _send(self) -> None:
        due = clock()
        while True:
            now = clock()
            if self.rate <= 0:
                due = now
            while self.rate > 0 and due <= now:
                self._ask_again(next(self._next), self.retries, due)
                due += round(1e9 / self.rate)
            await asyncio.sleep(TICK_S if self.rate <= 0 else min(max(0.0, (due - clock()) / 1e9), TICK_S))


def _ignore(_: Response) -> None:
    """Nobody waits: samples are read from the responses."""


def _sample(name: str, response: Response) -> Sample:
    return Sample(
        name=name,
        at=response.intended_ns / 1e9,
        end=response.end_ns / 1e9 if response.end_ns else None,
        status=response.status,
        error=response.error,
    )
