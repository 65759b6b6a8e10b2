"""What the event loop of a thread is doing, and when that arrived which it notices.

The loops of the standard library tell when they poll; of others (uvloop) it is inferred from what they notice.
"""

from collections import deque
from threading import get_ident
from time import perf_counter_ns as clock

from .arrivals import TICK_NS, arrived

# a poll that takes longer has slept, and then what it returns with has arrived at its end
SLEPT_NS = 50_000
# a loop whose polls cannot be seen has slept when nothing is known of it for longer
SILENT_NS = 300_000
# timers go off up to a millisecond early or late on some loops
LATE_NS = 2_000_000
# where in a stretch shorter than this something arrived is not worth asking
SHORT_NS = 1_000_000
KNOWN_WAITS = 16


class Loop:
    """What the event loop of a thread is doing: the step under way, the end of the last one, its last two polls."""

    __slots__ = (
        "before", "current_task", "left", "native", "noticed", "polled", "request", "since", "slept", "thread", "told",
        "waits",
    )  # fmt: skip

    def __init__(self, current_task=None):
        self.current_task = current_task
        self.request = None
        self.since = self.left = self.noticed = self.before = self.polled = 0
        self.thread = self.native = 0
        self.slept = True
        self.told = False
        self.waits = {}

    def poll(self, at, slept):
        """Note the end of a poll."""
        self.before, self.polled, self.slept = self.polled, at, slept

    def notice(self, now):
        """Note that something from outside is noticed: the loop polls, or has just polled."""
        if not self.told:
            busy, silent = self.left - self.polled, now - max(self.left, self.noticed)
            if busy > 0 or silent > SILENT_NS:
                # after much work there is something to notice at once: a short silence then was no sleep
                self.poll(now, silent > max(SILENT_NS, busy // 2))
            self.noticed = now

    def arrival(self, request, left, due, now):
        """Return when that arrived which is noticed now, outside of all tasks, for a task that waits since `left`.

        `due` is when the last timer goes off that the task has set.
        """
        if self.request is None:
            self.notice(now)
        timed = left <= due <= now + LATE_NS
        first, last = max(left, self.before), max(left, self.polled)
        at = self.told_by_kernel(request, left, last, now)
        if timed and (at is not None or not self.slept or (due < now - LATE_NS and not self.told)):
            return min(due, now if at is None or at < left - TICK_NS else at)
        if at is not None:
            return max(at, left if not self.told else first)
        if self.slept:
            self.known(request).append(last - left)
            return last
        return self.between(request, left, first, last)

    def told_by_kernel(self, request, left, last, now):
        """Return when the last arrived that is noticed now, by `last`; None where the kernel is not worth asking.

        A loop whose polls are not seen, and on which somebody else has run since `left`, may have been kept busy by
        what is not watched when it looked asleep.
        """
        wire = self.asked(request)
        fresh = wire is not None
        if fresh and not wire.kept:
            request.wire, request.wired = None, wire
        wire = wire or request.wired
        seen = self.told or self.left <= left
        if wire is None or (last - (max(left, self.before) if self.told else left) <= TICK_NS) or (seen and self.slept):
            return None
        at = arrived(wire.connection, last, now)
        # without having written since, the last that has arrived may be what the request had before
        known = at is not None and ((fresh and (wire.kept or at >= wire.at - TICK_NS)) or at >= left + TICK_NS)
        return at if known else None

    @staticmethod
    def asked(request):
        """Return the connection on which an answer is under way, in the layer that now owns the request's time."""
        wire = request.wire
        return wire if wire is not None and wire.layer == request.stack[-1] else None

    def answered(self, request, since, now):
        """Return since when a request only waits for the loop, which was ready `since`.

        Some clients let others run between asking and reading: until the answer is there, that costs nothing.
        """
        wire = self.asked(request)
        if now - since <= TICK_NS or wire is None or wire.kept:
            return since
        at = arrived(wire.connection, now, now)
        if at is None:
            return since
        return now if at < wire.at - TICK_NS else max(at, since)

    def known(self, request):
        """Return how long waits took of the kind that a request now has, in nanoseconds: of its endpoint and layer."""
        kind = (request.endpoint, request.stack[-1])
        waits = self.waits.get(kind)
        if waits is None:
            waits = self.waits[kind] = deque(maxlen=KNOWN_WAITS)
        return waits

    def between(self, request, left, first, last):
        """Return when that arrived which arrived from `first` to `last`.

        A wait that has outlasted what is known of its kind is thought to go on for as long again.
        """
        middle, waits = (first + last) // 2, self.known(request)
        if last - first <= SHORT_NS:
            waits.append(middle - left)
        if last - first <= SHORT_NS or not waits:
            return middle
        fitting = [wait for wait in waits if first <= left + wait <= last]
        if fitting:
            return left + sum(fitting) // len(fitting)
        return min(middle, first + max(sum(waits) // len(waits), first - left))


def watch_polls(patcher, selector_class, loops):
    """Note when the loops of the standard library poll; `loops` are those known, by thread."""

    def make(select):
        def polling(selector, timeout=None):
            loop = loops.get(get_ident())
            if loop is None or loop.request is not None:
                return select(selector, timeout)
            begin = clock()
            try:
                return select(selector, timeout)
            finally:
                end = clock()
                loop.told = True
                loop.poll(end, timeout != 0 and end - begin > SLEPT_NS)

        return polling

    patcher.wrap(selector_class, "select", make)
