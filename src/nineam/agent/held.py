"""What holds an event loop: a call that waits, or code that computes; and which of the application's lines it is.

One look says where a thread is, not what takes the time: who computes is caught anywhere in it. So there are two of a
step, some milliseconds apart, and the processor's time between them. Who has not run in between is still in the call
that waits. Of who computes is told what the asynchronous line called, and nothing where a library called it back:
while that computes in C nobody else gets the interpreter, so that looks only ever meet what is called back.
"""

import os

from .frames import qualified_name

WAITS, COMPUTES = "waits", "computes"
# of the time between two looks: a thread that has computed, or been ready to, for less waits, and for more computes
ASLEEP, AWAKE = 0.25, 0.75
_AGENT = os.path.dirname(os.path.abspath(__file__)) + os.sep
# asyncio at its own sockets, which do not block: there the processor was with somebody else
_LOOPS_OWN = ("selector_events.py", "proactor_events.py", "base_events.py")


def had_ns(thread):
    """Return how long a thread (by its native id) has computed, and been ready to; None where nobody counts."""
    try:
        with open("/proc/self/task/%d/schedstat" % thread) as file:
            computed, ready = file.read().split()[:2]
        return int(computed), int(ready)
    except Exception:
        return None


class Look:
    """One look at a thread that holds its loop: which step it is at, where it is now, what it has had so far."""

    __slots__ = ("at", "called", "code", "had", "layer", "leaf", "request", "since", "site", "source", "told")

    def __init__(self, frames, loop, frame, now):
        self.request, self.since, self.at = loop.request, loop.since, now
        self.layer = loop.request.stack[-1]
        self.had = had_ns(loop.native)
        self.told = False
        while frame.f_code.co_filename.startswith(_AGENT) and frame.f_back is not None:
            frame = frame.f_back  # what is called is the library's function, not the hook around it
        outer, asked = frames.holder(frame)
        self.leaf = _words(frame)
        self.called = _words(_callee(frame, outer) if asked else outer or frame)
        # what a library called back has to be met again, waiting: it may be one of thousands of short calls
        self.code = None if asked or outer is None else outer.f_code
        idle = frame.f_code.co_filename.endswith(_LOOPS_OWN)
        self.site = "" if outer is None or idle else frames.caller(outer)
        self.source = (outer.f_code.co_filename, outer.f_lineno) if outer is not None else None

    def after(self, before):
        """Return the event of this look, after another at the same step (None: there was none)."""
        does, had = self._since(before)
        certain = self.code is None or (does == WAITS and before.code is self.code)
        return {
            "at_ns": self.since,
            "ms": (self.at - self.since) / 1e6,
            "endpoint": self.request.endpoint,
            "layer": self.layer,
            "site": self.site if certain else "",
            "call": self.leaf if does == WAITS else self.called,
            "line": _line(*self.source) if self.source is not None else "",
            "does": does,
            "had": had,
        }

    def _since(self, before):
        """Return what the thread does, and for what part of its computing it had a processor; as far as can be told."""
        if before is None or before.had is None or self.had is None:
            return "", None
        computed, ready = (now - then for now, then in zip(self.had, before.had))  # noqa: B905 - newer than Python 3.9
        part = (computed + ready) / max(1, self.at - before.at)
        does = WAITS if part <= ASLEEP else COMPUTES if part >= AWAKE else ""
        return does, computed / (computed + ready) if does == COMPUTES else None


def _callee(frame, outer):
    """Return the frame of what `outer` has called on the way to `frame`."""
    found = frame
    while frame is not None and frame is not outer:
        if not frame.f_code.co_filename.startswith(_AGENT):
            found = frame
        frame = frame.f_back
    return found


def _line(filename, number):
    """Return the source of a line, as far as it can be read; a file that is gone gives nothing."""
    import linecache

    return linecache.getline(filename, number).strip()[:200]


def _words(frame):
    code = frame.f_code
    return "%s (%s:%d)" % (qualified_name(code), code.co_filename.rsplit("/", 1)[-1], frame.f_lineno)
