"""Samples the main thread with a timer's signal: the shape inside a layer, never its milliseconds.

The handler runs where the application's code was interrupted, in the context of that code, so the request at hand is
the one whose code it is. One sample is one interval of one request's time; a handler that comes late, because the
interpreter was in C, counts for the intervals that have passed. Requests that wait are looked at less often, and each
look counts for the intervals since the last.
"""

import os
import signal
import sys
from collections import deque
from time import perf_counter_ns as clock
from time import thread_time_ns as cpu_clock

from . import visits, wire
from .budget import SHARE, Budget
from .frames import CO_COROUTINE
from .request import current, live
from .stacks import Codes, Words, beneath_requests, glance, has_arrived, waiting
from .steps import task
from .tally import Tally
from .threads import HZ as THREADS_HZ
from .threads import Threads

HZ = 199
NOMINAL_NS = 1_000_000_000 // HZ
# waiting requests: at most so many at a time, and at the least every so many intervals
MOST_WAITING = 50
LOOK_EVERY = 10
QUEUE_LIMIT = 10000
BUCKET_NS = 100_000_000
# libraries that take an interrupted call for a broken connection
INTOLERANT = ("pyodbc",)


class Sampler:
    """Owns SIGALRM and ITIMER_REAL of the process for as long as nobody else wants them."""

    def __init__(self, agent):
        self._agent = agent
        self._recorder = agent.recorder
        self._codes = Codes()
        self._beneath = beneath_requests(self._codes)
        self._words = Words(agent.names, agent.frames, self._codes, self._beneath)
        self._waits = {agent.layer(name) for name in ("threadpool_wait", "adapter", "loop_lag")}
        self._threads = Threads(self._codes, self._beneath, NOMINAL_NS)
        self._taken = deque()
        self._before = None
        self._originals = {}
        self._installed = False
        self.budget = Budget(clock())
        self._reset()
        self.lost = 0
        self.asleep = False
        agent.recorder.on_fork(self.after_fork)
        agent.recorder.gauge("sampler", self._numbers)

    def _reset(self):
        self._interval = NOMINAL_NS * self.budget.slower // 1000 * 1000
        self._first = self._last = self._unlooked = self._turn = 0
        self.budget.reset(clock())

    # --- on and off ---

    def start(self):
        """Take the signal, on the thread of this process's first request, or say why not."""
        reason = self._take_signal() if not self._installed else ""
        self._agent.patcher.also(self._threads.stop)
        self.asleep = self._installed
        self._say(reason)

    def _take_signal(self):
        name = next((name for name in INTOLERANT if name in sys.modules), "")
        if name:
            return "%s does not take signals well" % name
        if not hasattr(signal, "setitimer"):
            return "this system has no timers"
        if signal.getsignal(signal.SIGALRM) != signal.SIG_DFL or any(signal.getitimer(signal.ITIMER_REAL)):
            return "the application uses SIGALRM itself"
        try:
            self._before = signal.signal(signal.SIGALRM, self._handle)
        except ValueError:
            return "requests do not run on the main thread"
        signal.siginterrupt(signal.SIGALRM, False)
        self._installed = True
        self._agent.patcher.also(self._leave)
        self._make_way()
        return ""

    def _make_way(self):
        """Step aside for whoever else wants the signal or the timer, and for another program in this process."""
        patcher, alarm, timer = self._agent.patcher, signal.SIGALRM, signal.ITIMER_REAL
        self._give_up_before(signal, "signal", alarm)
        self._give_up_before(signal, "getsignal", alarm)
        self._give_up_before(signal, "setitimer", timer)
        self._give_up_before(signal, "getitimer", timer)
        self._give_up_before(signal, "alarm", None)
        for name in ("execv", "execve"):  # a timer survives exec, its handler does not
            patcher.wrap(os, name, self._pausing)

    def _give_up_before(self, owner, name, number):
        def make(original):
            def function(*args, **options):
                if self._installed and (number is None or number in args[:1]):
                    self._give_up("the application uses SIGALRM itself")
                return original(*args, **options)

            return function

        self._originals[name] = getattr(owner, name)
        self._agent.patcher.wrap(owner, name, make)

    def _pausing(self, original):
        def function(*args, **options):
            self.pause()
            return original(*args, **options)

        return function

    def _give_up(self, reason):
        self._leave()
        self._say(reason)

    def wake(self):
        """Start the timer; its first tick comes at no particular moment of the request that woke it."""
        self.asleep = False
        if not self._installed:
            return
        if self._call("getsignal", signal.SIGALRM) != self._handle:
            self._installed = False
            self._say("the application uses SIGALRM itself")
            return
        now = clock()
        delay = max(1000, now // 1000 * 7919 % self._interval)
        self._first, self._last, self._unlooked = now + delay - self._interval, 0, 0
        self._call("setitimer", signal.ITIMER_REAL, delay / 1e9, self._interval / 1e9)

    def pause(self):
        """Stop the timer until the next request."""
        if self._installed:
            self._call("setitimer", signal.ITIMER_REAL, 0)
            self.asleep = True

    def rest(self):
        """Note that no request is in flight any more; where these come one by one, stop the timer at once."""
        self.budget.gaps += 1
        if self.budget.eager and not self.asleep:
            self.pause()

    def stop(self):
        """Give the signal back, and look at nothing more."""
        self._threads.stop()
        self._leave()

    def _leave(self):
        if not self._installed:
            return
        self.pause()
        self.asleep = self._installed = False
        try:
            if self._call("getsignal", signal.SIGALRM) == self._handle:
                self._call("signal", signal.SIGALRM, self._before)
        except ValueError:
            pass  # only the main thread may; without a timer the handler is never called

    def after_fork(self):
        """A child has the handler, but no timer."""
        self._taken.clear()
        live.clear()
        self._threads.after_fork()
        self._reset()
        self.asleep = self._installed

    def _call(self, name, *args):
        return self._originals[name](*args)

    # --- the handler ---

    def _handle(self, _number, frame):
        begin = cpu_clock()
        try:
            self._tick(frame, clock())
        except Exception:
            self.lost += 1
        self.budget.spent += cpu_clock() - begin

    def _tick(self, frame, now):
        at = (now - self._first) // self._interval
        ticks, self._last = max(1, at - self._last), at
        request = current.get()
        if request is not None and not request.done:
            request = self._look_at(request, frame, now, ticks)
        elif self._recorder.in_flight <= 0:
            self.pause()  # the next request wakes it
            self.budget.ticked_idly()
            return
        self.budget.ticked(request is not None)
        self._unlooked += ticks
        if self._unlooked >= LOOK_EVERY or 4 * self._unlooked >= len(live):
            passed, self._unlooked = self._unlooked, 0
            if request is None or len(live) > 1:
                self._look(request, passed)

    def _look_at(self, request, frame, now, ticks):
        """Count what runs; None when it only waits, and this is a callback that tells it to go on."""
        own = task.get()
        seen = glance(frame, self._beneath)
        if own is not None:
            begun = live.get(own)
            stepped = begun is not None and begun[2].request is request
            if not stepped and not (seen and seen[-2].co_flags & CO_COROUTINE):
                return None
        since = own.stepped if own is not None else request.at
        passed = min(ticks, 1 + (now - max(since, request.at)) // self._interval)
        self._tally(request).ran(request.stack[-1], seen, passed * self.budget.slower)
        return request

    def _look(self, running_one, ticks):
        """Look at requests that wait; a request of several tasks waits in the one that was begun last.

        What waits for a thread that is looked at itself is left to that.
        """
        waits, elsewhere = {}, {visit.whole for visit in visits.here.values()}
        for own, (request, coroutine, _) in list(live.items()):
            if request is not running_one and not request.done and request not in elsewhere:
                waits[request] = (own, coroutine)
        chosen = list(waits.items())
        if len(chosen) > MOST_WAITING:
            ticks = ticks * len(chosen) // MOST_WAITING
            self._turn = (self._turn + MOST_WAITING) % len(chosen)
            chosen = (chosen[self._turn :] + chosen[: self._turn])[:MOST_WAITING]
        for request, (own, coroutine) in chosen:
            key, awaited = waiting(coroutine, self._codes)
            layer = wire.LOOP_LAG if own.left < own.ready and has_arrived(awaited) else request.stack[-1]
            self._tally(request).waited(layer, key, ticks * self.budget.slower)

    def _tally(self, request):
        if request.samples is None:
            request.samples = Tally(self._codes)
        return request.samples

    # --- afterwards ---

    def take(self, request):
        """Take the samples of a finished request, whose endpoint is known now."""
        samples, request.samples = request.samples, None
        if len(self._taken) < QUEUE_LIMIT:
            self._taken.append((request.sent or request.at, request.endpoint, samples))
        else:
            self.lost += sum(samples.counts().values()) + samples.lost

    def send(self, final=False):
        """Add up what was taken and queue it; the sending thread's part, which counts as well."""
        begin = cpu_clock()
        if self._threads.wake():
            self._say("")
        sums = {}
        while self._taken:
            sent, endpoint, samples = self._taken.popleft()
            for (layer, key), count in samples.counts().items():
                row = (sent // BUCKET_NS * BUCKET_NS, endpoint, layer, self._words.stack(key, layer in self._waits))
                sums[row] = sums.get(row, 0) + count
            self.lost += samples.lost
        for sent, endpoint, layer, key, ending, count in self._threads.take(final):
            row = (sent, endpoint, layer, self._words.stack(key, False, ending))
            sums[row] = sums.get(row, 0) + count
        if sums:
            self._recorder.event(wire.SAMPLES, [[*row, count] for row, count in sums.items()])
        self.budget.spent += cpu_clock() - begin
        change = self.budget.judge(clock(), self._threads.spent)
        if change is not None:
            slower, share = change
            late = "slowed down: sampling took %.1f %% of a core" % (share * 100)
            self._change_rate(slower, late if share > SHARE else "")

    def _change_rate(self, slower, reason):
        self.budget.slower = self._threads.slower = slower
        self._interval = NOMINAL_NS * slower // 1000 * 1000
        if self._installed and not self.asleep:
            self.wake()
        if self._installed or self._threads.looking:
            self._say(reason)

    def _say(self, reason):
        kinds = ["sigalrm"] * self._installed + ["threads"] * self._threads.looking
        kind = " and ".join(kinds) or "none"
        hz = (HZ if self._installed else THREADS_HZ if self._threads.looking else 0) // self.budget.slower
        self._recorder.event(wire.SAMPLER, {"kind": kind, "hz": hz, "reason": reason})

    def _numbers(self):
        spent = self.budget.spent + self._threads.spent
        return {"sampler.lost": self.lost + self._threads.lost, "sampler.ms": spent / 1e6}
