"""Looks at requests on other threads than the main one: how much they compute is exact, in which lines an estimate.

Python runs handlers of signals on the main thread only, so one thread looks at the others' stacks. It gets the GIL
when somebody lets go of it, which is where bursts of computing end: taken as they come, such looks show waits and
hardly anything else. So they are not counted; they are weighed (`looks`), and scaled to what all visits took by the
clocks that each reads on its own thread (`scaling`).
"""

import sys
import time
from time import perf_counter_ns as clock
from time import thread_time_ns as cpu_clock

from . import visits
from .looks import see
from .scaling import Scaling
from .stacks import MOST_CODES, running

HZ = 49
MEAN_NS = 1_000_000_000 // HZ
# a look that comes so soon has not waited for the GIL
PROMPT_NS = 500_000
# threads looked at in one turn
MOST = 8
# without visits for so many turns there is nothing to wake up for
IDLE_TURNS = 20
# a look that had to force somebody has slept so often: less may be the machine's doing
FORCED_SWITCHES = 4


def unable():
    """Return why threads cannot be looked at in this interpreter; empty when they can."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return "this system does not tell the clocks of threads"
    if sys.version_info[:3] == (3, 11, 0):
        return "this Python may crash when the stacks of its threads are read"
    if not getattr(sys, "_is_gil_enabled", lambda: True)() or sys.implementation.name != "cpython":
        return "the stacks of this Python's threads cannot be read"
    return ""


class Threads:
    """One thread that looks, while there are visits; `take` hands over what is known of those that are over."""

    def __init__(self, codes, beneath, interval_ns):
        self._codes = codes
        self._beneath = beneath
        self._scaling = Scaling(interval_ns)
        self.take = self._scaling.take
        self._thread = self._stopping = self._awake = None
        self._turn = self._seed = 0
        self.slower = 1
        self.spent = self.lost = 0
        self.reason = unable()
        visits.State.on = not self.reason

    @property
    def looking(self):
        """Whether there is a thread that looks."""
        return self._thread is not None

    def wake(self):
        """See that somebody looks, if there is or was anything to see; True when this is the first time."""
        if not (visits.here or visits.left) or not visits.State.on:
            return False
        if self._thread is not None:
            self._awake.set()
            return False
        import threading

        self._stopping, self._awake = threading.Event(), threading.Event()
        thread = threading.Thread(
            target=self._run, args=(self._stopping, self._awake), name="nineam-looks", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            visits.State.on = False  # no thread to be had
            return False
        self._thread = thread
        return True

    def stop(self):
        """Look no more; the thread ends by itself."""
        visits.State.on = False
        if self._thread is not None:
            thread, self._thread = self._thread, None
            self._stopping.set()
            self._awake.set()
            thread.join(1.0)

    def after_fork(self):
        """A child has no thread yet."""
        visits.after_fork()
        self._scaling.after_fork()
        self._thread = None
        self.spent = 0

    # --- the thread ---

    def _run(self, stopping, awake):
        idle, before = 0, self.spent
        while not stopping.is_set():
            if idle >= IDLE_TURNS:
                awake.clear()
                if not stopping.is_set():
                    awake.wait()
                idle = 0
                continue
            pause = self._pause()
            slept, due = _switches(), clock() + pause
            time.sleep(pause / 1e9)
            now = clock()
            idle = 0 if visits.here else idle + 1
            try:
                forced = was_forced(now - due, _switches() - slept)
                if forced is not None:
                    self._look(now, forced, now - due < PROMPT_NS)
            except Exception:
                self.lost += 1
            self.spent = before + cpu_clock()

    def _pause(self):
        """Between half and one and a half intervals, so that nothing can run in step with it."""
        self._seed = (self._seed * 1103515245 + 12345 + clock()) % 2**31
        return MEAN_NS * self.slower // 2 + (self._seed >> 8) % (MEAN_NS * self.slower)

    def _look(self, now, forced, prompt):
        chosen = list(visits.here.values())
        if len(chosen) > MOST:
            self._turn = (self._turn + MOST) % len(chosen)
            chosen = (chosen[self._turn :] + chosen[: self._turn])[:MOST]
        if not chosen or len(self._codes) > MOST_CODES:
            return
        frames = sys._current_frames()
        for visit in chosen:
            frame = frames.get(visit.thread)
            if frame is None:  # a thread that has ended within a request: asking for its clock would crash
                visits.here.pop(visit.thread, None)
            else:
                used = time.clock_gettime_ns(time.pthread_getcpuclockid(visit.thread))
                see(visit, running(frame, self._codes, self._beneath), now, used, forced, prompt)
        del frames, frame  # this one's own frame is among them


def was_forced(late, switches):
    """Return whether somebody was made to let go of the GIL for a look; None when that is not certain.

    `late` is by how much the look missed its time, in nanoseconds; `switches` are the times that it has slept for it:
    once for the time itself, once each time that the interval of the GIL has run out, and until it was let go of.
    """
    if late < sys.getswitchinterval() * 1e9 or switches <= 1:
        return False
    return True if switches >= FORCED_SWITCHES else None


def _switches():
    """Return how often the calling thread has gone to sleep."""
    try:
        import resource

        return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
    except (ImportError, AttributeError):
        return 0
