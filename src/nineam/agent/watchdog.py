"""Catches the event loop being held: what runs, and from which line, while it is still running.

A sample of a stack is only asked where something is, never how long it takes: the milliseconds come from
the step's own clock. The thread looks a hundred times a second, and twice at a step that it tells of, where it can.
"""

import sys
import threading
import time

from . import wire
from .held import Look

LOOK_EVERY = 0.01
HELD_NS = 20_000_000
# the first look, which is only told of where there is no second
FIRST_NS = 9_000_000
# without requests for so many looks there is nothing to look at
IDLE_LOOKS = 100


class Watchdog:
    """Samples the thread of an event loop when one step of a request lasts longer than 20 ms."""

    def __init__(self, agent):
        self._agent = agent
        self._loops = []
        self._thread = None
        self._stopping = threading.Event()
        self._awake = threading.Event()
        self.asleep = False

    def watch(self, loop):
        """Add the loop of the calling thread."""
        loop.thread, loop.native = threading.get_ident(), threading.get_native_id()
        self._loops.append(loop)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="nineam-watchdog", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:
                self._thread = None  # no thread to be had: lines of blocking calls stay unknown

    def stop(self):
        """End the thread."""
        self._stopping.set()
        self._awake.set()

    def wake(self):
        """Look again; for a request that has come after a while without any."""
        self._awake.set()

    def _rest(self):
        """Wait for the next request, unless it is there already."""
        self._awake.clear()
        self.asleep = True
        if self._agent.recorder.in_flight <= 0 and not self._stopping.is_set():
            self._awake.wait()
        self.asleep = False

    def _run(self):
        before, idle = {}, 0
        while not self._stopping.wait(LOOK_EVERY):
            idle = 0 if self._agent.recorder.in_flight > 0 else idle + 1
            if idle >= IDLE_LOOKS:
                self._rest()
            for loop in self._loops:
                if loop.request is not None or loop in before:
                    try:
                        self._look(loop, before, time.perf_counter_ns())
                    except Exception:
                        self._agent.recorder.dropped += 1

    def _look(self, loop, before, now):
        """Look at a loop; `before` is the first look at each step that may still last."""
        since, request = loop.since, loop.request
        first = before.get(loop)
        if first is not None and (request is None or first.since != since):
            del before[loop]
            if not first.told and first.at - first.since > HELD_NS:
                self._tell(first, None)
            first = None
        if request is None or now - since <= (FIRST_NS if first is None else HELD_NS) or (first and first.told):
            return
        frame = sys._current_frames().get(loop.thread)
        if frame is None or loop.request is not request:
            return
        seen = Look(self._agent.frames, loop, frame, now)
        if first is None:
            before[loop] = seen
        else:
            first.told = True
            self._tell(seen, first)

    def _tell(self, look, before):
        event = look.after(before)
        event["site"] = self._agent.names.get("site", event["site"])
        self._agent.recorder.event(wire.BLOCKED, event)
