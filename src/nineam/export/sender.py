"""Sends while the run goes on, in a thread of its own: whatever the other side does, the run does not wait for it."""

import contextlib
import queue
import threading
from collections.abc import Iterable

import msgspec

from nineam.export.delivery import Delivery, in_few_words
from nineam.gathering import Gathering, gather
from nineam.model import Record, Tick

PUSH_S = 5.0
"""How often something is sent."""
WAITING = 100
"""So many deliveries may wait; later ones are dropped, and counted."""
CLOSE_S = 6.0
"""How long the end of a run waits for what is still to be sent."""
FAILING_CLOSE_S = 1.0
"""The same when nothing arrived the last time."""
GIVE_UP = 3
"""So many failures in a row end the sending of a run that is over."""


class Sent(Record, frozen=True, kw_only=True):
    """How sending went: how many deliveries there were, how many failed or were never made, and why first."""

    deliveries: int = 0
    failed: int = 0
    unsent: int = 0
    reason: str = ""

    @property
    def complaint(self) -> str:
        """Return what to tell the user; nothing when all arrived."""
        parts = [f"{self.failed} of {self.deliveries} deliveries failed ({self.reason})"] if self.failed else []
        parts += [f"{self.unsent} were not sent"] if self.unsent else []
        return ", ".join(parts)


class Sender:
    """One destination of a running run."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._gathering = Gathering(PUSH_S)
        self._queue: queue.Queue[Tick | None] = queue.Queue(WAITING)
        self._sent = Sent()
        self._dropped = 0
        self._failing = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="nineam-export", daemon=True)
        self._thread.start()

    def take(self, tick: Tick) -> None:
        """Take a tick in; never waits."""
        for gathered in self._gathering.add(tick):
            self._put(gathered)

    def close(self, limit_s: float = CLOSE_S) -> Sent:
        """Send the rest within the limit, or a shorter one when the last delivery failed; says how sending went."""
        limit_s = min(limit_s, FAILING_CLOSE_S) if self._failing else limit_s
        for gathered in self._gathering.rest():
            self._put(gathered)
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=limit_s)
        self._thread.join(limit_s)
        left = 0
        if self._thread.is_alive():
            # the one under way, and those that wait before the end's mark
            left = max(1, self._queue.qsize())
            self._closing.set()
            self._delivery.stop()
        return _with(self._sent, unsent=self._dropped + left)

    def _put(self, tick: Tick) -> None:
        try:
            self._queue.put_nowait(tick)
        except queue.Full:
            self._dropped += 1

    def _work(self) -> None:
        while not self._closing.is_set():
            tick = self._queue.get()
            if tick is None:
                return
            reason = attempt(self._delivery, tick)
            self._failing = bool(reason)
            self._sent = _after(self._sent, reason)


def send_all(delivery: Delivery, ticks: Iterable[Tick]) -> Sent:
    """Send a run that is over; gives up when nobody is there."""
    gathered, sent, row = list(gather(ticks, PUSH_S)), Sent(), 0
    for tick in gathered:
        reason = attempt(delivery, tick)
        sent = _after(sent, reason)
        row = row + 1 if reason else 0
        if row == GIVE_UP:
            break
    return _with(sent, unsent=len(gathered) - sent.deliveries)


def attempt(delivery: Delivery, tick: Tick) -> str:
    """Make one delivery; why it failed, or nothing."""
    try:
        return delivery.deliver(tick)
    except Exception as error:  # noqa: BLE001 - a library's bug must not end the run
        return in_few_words(f"{type(error).__name__}: {error}")


def _after(sent: Sent, reason: str) -> Sent:
    failed = sent.failed + bool(reason)
    return Sent(deliveries=sent.deliveries + 1, failed=failed, reason=sent.reason or reason)


def _with(sent: Sent, unsent: int) -> Sent:
    return msgspec.structs.replace(sent, unsent=unsent)
