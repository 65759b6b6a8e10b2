"""The part of gevent that locustfiles use, on strands: spawn, join, pools, locks, events, queues."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from nineam.load.locust import strands
from nineam.load.locust.hooks import EVENTS


class Waiting:
    """Those who wait for something, in the order they came."""

    def __init__(self) -> None:
        self._resumes: deque[strands.Resume] = deque()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait to be woken; False when the timeout was sooner. Raises `RuntimeError` outside of users."""
        return strands.wait(partial(self._enter, timeout)) is not None

    def wake(self, count: int | None = None) -> None:
        """Wake the first ones, or all."""
        for _ in range(len(self._resumes) if count is None else min(count, len(self._resumes))):
            self._resumes.popleft()(True)

    def _enter(self, timeout: float | None, resume: strands.Resume) -> None:
        self._resumes.append(resume)
        if timeout is not None:
            asyncio.get_running_loop().call_later(timeout, partial(self._give_up, resume))

    def _give_up(self, resume: strands.Resume) -> None:
        if resume in self._resumes:
            self._resumes.remove(resume)
            resume(None)


class Greenlet(strands.Strand):
    """What `spawn` gives: a function that runs beside the one that spawned it."""

    def __init__(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        strand = strands.current()
        seat = strand.seat if strand is not None else None
        super().__init__(partial(function, *arguments, **named), seat, self._finish)
        self._joining = Waiting()
        if seat is not None:
            seat.adopt(self)

    @classmethod
    def spawn(cls, function: Callable[..., Any], *arguments: Any, **named: Any) -> "Greenlet":
        """Run a function beside this one."""
        spawned = cls(function, *arguments, **named)
        spawned.start()
        return spawned

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end."""
        if not self.dead:
            self._joining.wait(timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Wait for the result, or raise what it raised."""
        if block:
            self.join(timeout)
        if self.raised is not None:
            raise self.raised
        return self.value

    def kill(self, *_: Any, **__: Any) -> None:
        """End it."""
        self.end(strands.Left)

    def ready(self) -> bool:
        """Say whether it is over."""
        return bool(self.dead)

    def successful(self) -> bool:
        """Say whether it is over and raised nothing."""
        return self.ready() and self.raised is None

    @property
    def exception(self) -> BaseException | None:
        """What it raised."""
        return self.raised

    def _finish(self) -> None:
        if self.raised is not None:
            EVENTS.problem(self.raised)
        self._joining.wake()


class Pool:
    """Spawns, and waits for all that were spawned; with a size, only so many at a time."""

    def __init__(self, size: int | None = None) -> None:
        self.greenlets: set[Greenlet] = set()
        self._free = Semaphore(size) if size else None

    def spawn(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Greenlet:
        """Run a function beside this one."""
        if self._free is not None:
            self._free.acquire()
        spawned = Greenlet.spawn(partial(self._run, function), *arguments, **named)
        self.greenlets = {each for each in self.greenlets if not each.dead} | {spawned}
        return spawned

    def join(self, timeout: float | None = None, **_: Any) -> None:
        """Wait for all."""
        joinall(self.greenlets, timeout)

    def map(self, function: Callable[..., Any], values: Iterable[Any]) -> list[Any]:
        """Run a function for each value, and give the results in order."""
        return [spawned.get() for spawned in [self.spawn(function, value) for value in values]]

    def imap(self, function: Callable[..., Any], values: Iterable[Any]) -> Iterator[Any]:
        """Do the same, and give the results one by one."""
        return iter(self.map(function, values))

    imap_unordered = imap

    def kill(self, *_: Any, **__: Any) -> None:
        """End all."""
        killall(self.greenlets)

    def _run(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        finally:
            if self._free is not None:
                self._free.release()


class Semaphore:
    """Lets in so many at a time."""

    def __init__(self, value: int = 1) -> None:
        self.counter = value
        self._waiting = Waiting()

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Go in, or wait until that is possible."""
        while self.counter <= 0:
            if not blocking or not self._waiting.wait(timeout):
                return False
        self.counter -= 1
        return True

    def release(self) -> int:
        """Come out."""
        self.counter += 1
        self._waiting.wake(1)
        return self.counter

    def wait(self, timeout: float | None = None) -> int:
        """Wait until somebody could go in, without going in."""
        while self.counter <= 0 and self._waiting.wait(timeout):
            self._waiting.wake(1)
        return self.counter

    def locked(self) -> bool:
        """Say whether nobody could go in."""
        return self.counter <= 0

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class Event:
    """Something that happens once; whoever waits goes on then."""

    def __init__(self) -> None:
        self._set = False
        self._waiting = Waiting()

    def set(self) -> None:
        """Let it happen."""
        self._set = True
        self._waiting.wake()

    def clear(self) -> None:
        """Let it not have happened."""
        self._set = False

    def is_set(self) -> bool:
        """Say whether it happened."""
        return self._set

    ready = is_set

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it happens."""
        return self._set or self._waiting.wait(timeout)


def spawn_later(seconds: float, function: Callable[..., Any], *arguments: Any, **named: Any) -> Greenlet:
    """Run a function beside this one, after a while."""

    def later() -> Any:
        strands.sleep(seconds)
        return function(*arguments, **named)

    return Greenlet.spawn(later)


def joinall(greenlets: Iterable[Greenlet], timeout: float | None = None, **_: Any) -> list[Greenlet]:
    """Wait for several."""
    listed = list(greenlets)
    for each in listed:
        each.join(timeout)
    return [each for each in listed if each.ready()]


def killall(greenlets: Iterable[Greenlet], *_: Any, **__: Any) -> None:
    """End several."""
    for each in list(greenlets):
        each.kill()


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing: there is nothing to patch."""
