"""Synchronous code that gives way: what looks blocking in a locustfile lets the event loop go on.

A strand is a greenlet. To wait, it hands the loop's side something to begin (a request, a timer) and is
switched to again with the result. No task and no future of asyncio is needed for it.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import greenlet

Resume = Callable[[Any], None]
Beginning = Callable[[Resume], object]

block = time.sleep


class Ended(BaseException):
    """The iteration is over: unwinds what waits."""


class Left(Ended):
    """The user leaves: unwinds everything."""


class Strand(greenlet.greenlet):
    """Runs a function of no arguments that may wait; belongs to a user's `seat`, or to nobody.

    `then()` is called on the loop's side once it is over; `raised` is what it raised, if anything.
    """

    def __init__(self, function: Callable[[], Any], seat: Any = None, then: Callable[[], None] | None = None) -> None:
        super().__init__(parent=_loop_side())
        self.seat = seat
        self.waits = self.in_flight = False
        self.value: Any = None
        self.raised: BaseException | None = None
        self._function = function
        self._then = then
        self._turn = 0

    def run(self) -> Callable[[], None] | None:
        """Run the function; what is given back is done on the loop's side."""
        try:
            self.value = self._function()
        except (Ended, greenlet.GreenletExit):
            pass
        except BaseException as error:  # noqa: BLE001 - even SystemExit is only the file's
            self.raised = error
        return self._then

    def start(self) -> None:
        """Begin to run."""
        _on_loop_side(self.switch)

    def wait(self, begin: Beginning, *, in_flight: bool = False) -> Any:
        """Give way until what `begin` is given is called; returns what it is called with."""
        self.waits, self.in_flight = True, in_flight
        self._turn += 1
        assert self.parent is not None
        return self.parent.switch(partial(begin, partial(self._go_on, self._turn)))

    def end(self, why: type[Ended] = Ended) -> None:
        """Unwind what waits, unless it waits for an answer."""
        if self.waits and not self.in_flight:
            _on_loop_side(partial(self._raise, why))

    def _go_on(self, turn: int, value: Any) -> None:
        _on_loop_side(partial(self._continue, turn, value))

    def _continue(self, turn: int, value: Any) -> Any:
        if turn != self._turn or not self.waits:  # what wakes too late has been given up long ago
            return None
        self.waits = self.in_flight = False
        return self.switch(value)

    def _raise(self, why: type[Ended]) -> Any:
        if not self.waits or self.in_flight:
            return None
        self.waits = False
        return self.throw(why)


def current() -> Strand | None:
    """Give the strand that runs now; None on the loop's side and in threads."""
    found = greenlet.getcurrent()
    return found if isinstance(found, Strand) else None


def wait(begin: Beginning) -> Any:
    """Let the running strand wait. Raises `RuntimeError` where there is none."""
    strand = current()
    if strand is None:
        raise RuntimeError("only users and what they spawn can wait here")
    return strand.wait(begin)


def sleep(seconds: float = 0.0, *_: Any) -> None:
    """Sleep: like `time.sleep`, and in a strand only the strand."""
    strand = current()
    if strand is None:
        block(max(0.0, seconds))
    elif strand.seat is not None:
        strand.seat.sleep(seconds)
    else:
        strand.wait(partial(_later, max(0.0, seconds)))


def _later(seconds: float, resume: Resume) -> None:
    asyncio.get_running_loop().call_later(seconds, resume, None)


def _on_loop_side(switch: Callable[[], Any]) -> None:
    """Switch to a strand, and begin what it then wants to wait for."""
    if isinstance(greenlet.getcurrent(), Strand):
        asyncio.get_running_loop().call_soon(_on_loop_side, switch)
        return
    begin = switch()
    if begin is not None:
        begin()


def _loop_side() -> Any:
    found = greenlet.getcurrent()
    while found.parent is not None:
        found = found.parent
    return found
