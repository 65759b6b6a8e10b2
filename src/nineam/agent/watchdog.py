"""Catches the event loop being held: what runs, and from which line, while it is still running.

A sample of a stack is only asked where something is, never how long it takes: the milliseconds come from
the step's own clock. The thread looks a hundred times a second.
"""

import sys
import threading
import time

from . import wire

_AGENT = __file__.rpartition("/")[0] + "/"
LOOK_EVERY = 0.01
HELD_NS = 20_000_000
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
        loop.thread = threading.get_ident()
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
        seen, idle = {}, 0
        while not self._stopping.wait(LOOK_EVERY):
            idle = 0 if self._agent.recorder.in_flight > 0 else idle + 1
            if idle >= IDLE_LOOKS:
                self._rest()
            now = time.perf_counter_ns()
            for loop in self._loops:
                since, request = loop.since, loop.request
                if request is not None and now - since > HELD_NS and seen.get(loop) != since:
                    seen[loop] = since
                    try:
                        self._report(loop, request, now - since)
                    except Exception:
                        self._agent.recorder.dropped += 1

    def _report(self, loop, request, nanoseconds):
        frame = sys._current_frames().get(loop.thread)
        if frame is None or loop.request is not request:
            return
        frames = self._agent.frames
        # the line to change is where the asynchronous code calls something that is not
        outer = frames.coroutine(frame) or frame
        while frame.f_code.co_filename.startswith(_AGENT) and frame.f_back is not None:
            frame = frame.f_back  # what is called is the library's function, not the hook around it
        code = frame.f_code
        self._agent.recorder.event(
            wire.BLOCKED,
            {
                "at_ns": loop.since,
                "ms": nanoseconds / 1e6,
                "endpoint": request.endpoint,
                "layer": request.stack[-1],
                "site": self._agent.names.get("site", frames.caller(outer)),
                "call": "%s (%s:%d)" % (code.co_name, code.co_filename.rsplit("/", 1)[-1], frame.f_lineno),
                "line": _line(frames, outer),
            },
        )


def _line(frames, frame):
    """Return the source of the application's line, as far as it can be read; a file that is gone gives nothing."""
    import linecache

    while frame is not None and frames.shown(frame.f_code.co_filename) is None:
        frame = frame.f_back
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()[:200] if frame is not None else ""
