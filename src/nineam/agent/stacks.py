"""Stacks as cheap keys while they are taken, and as words afterwards.

A key is a flat tuple of code ids and line numbers, leaf first; no frame outlives the moment it was looked at. The
code objects behind the ids are kept, so that an id stays what it was.
"""

import os
import sys

from .frames import qualified_name
from .steps import drive

DEEPEST = 128
MOST_CODES = 20000
THREAD = "(a thread, not sampled)"
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_LIBRARIES = ("site-packages" + os.sep, "dist-packages" + os.sep)
_BENEATH = tuple(
    os.path.join(*parts) for parts in (("asyncio", "events.py"), ("asyncio", "runners.py"), ("uvloop", "__init__.py"))
)
# these run something in a thread and wait for it
_TO_THREADS = ("run_sync_in_worker_thread", "to_thread", "SyncToAsync.__call__")
_LOOPS = (
    ("asyncio.events", "Handle", "_run"),
    ("asyncio.base_events", "BaseEventLoop", "run_forever"),
    ("asyncio.base_events", "BaseEventLoop", "run_until_complete"),
    ("asyncio.runners", "Runner", "run"),
    ("asyncio.runners", "run"),
)
_BOTTOM, _OURS = "bottom", "ours"


def beneath_requests(codes):
    """Return the ids of what runs event loops, as far as it is known already."""
    found = set()
    for module, *path in _LOOPS:
        place = sys.modules.get(module)
        for name in path:
            place = getattr(place, name, None)
        code = getattr(place, "__code__", None)
        if code is not None:
            codes[id(code)] = code
            found.add(id(code))
    return found


def running(frame, codes, beneath):
    """Return the key of the stack that ends in `frame`, down to what is known to be beneath every request.

    A greenlet's stack goes on with its parents'.
    """
    key = []
    parent = None
    while frame is not None and len(key) < 2 * DEEPEST:
        code = frame.f_code
        number = id(code)
        if number in beneath:
            break
        codes[number] = code
        key.append(number)
        key.append(frame.f_lineno)
        frame = frame.f_back
        if frame is None and "greenlet" in sys.modules:
            parent = (sys.modules["greenlet"].getcurrent() if parent is None else parent).parent
            frame = parent.gr_frame if parent is not None else None
    return tuple(key)


def waiting(coroutine, codes):
    """Return the key of a suspended coroutine down to where it is no longer Python, and what that awaits.

    Its root is the function that steps it, at line 0, which no running stack has.
    """
    code = drive.__code__
    codes[id(code)] = code
    key = [id(code), 0]
    awaited = None
    while coroutine is not None and len(key) < 2 * DEEPEST:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        frame = frame or getattr(coroutine, "ag_frame", None)
        if frame is not None:
            key += _entry(frame, codes)
            if frame.f_code.co_name == "greenlet_spawn":
                key += _in_greenlet(frame, codes)
        awaited, coroutine = (
            coroutine,
            (
                getattr(coroutine, "cr_await", None)
                or getattr(coroutine, "gi_yieldfrom", None)
                or getattr(coroutine, "ag_await", None)
            ),
        )
    # pairs, leaf first, as of a running stack
    return tuple(number for at in range(len(key) - 2, -1, -2) for number in key[at : at + 2]), awaited


def _entry(frame, codes):
    code = frame.f_code
    codes[id(code)] = code
    return id(code), frame.f_lineno


def _in_greenlet(frame, codes):
    """SQLAlchemy's asynchronous engine runs its core in a greenlet; only the coroutine that spawned it knows which."""
    inner = getattr(frame.f_locals.get("context"), "gr_frame", None)
    pairs = []
    while inner is not None and len(pairs) < DEEPEST:
        pairs.append(_entry(inner, codes))
        inner = inner.f_back
    return [number for pair in reversed(pairs) for number in pair]


class Words:
    """Turns keys into the numbers of stacks, which are announced like every other name."""

    def __init__(self, names, frames, codes, beneath):
        self._names = names
        self._frames = frames
        self._codes = codes
        self._beneath = beneath
        self._kinds = {}
        self._stacks = {}

    def stack(self, key, waits):
        """Return the number of a stack, root first; `waits` says that its layer is a wait for a thread anyway."""
        known = self._stacks.get((key, waits))
        if known is None:
            numbers = [self._names.get("frame", text) for text in self._texts(key, waits)]
            known = self._names.get("stack", ",".join(map(str, numbers)))
            if len(self._stacks) < MOST_CODES:
                self._stacks[(key, waits)] = known
        return known

    def _texts(self, key, waits):
        texts, handed_over, end = [], False, None
        for at in range(0, len(key), 2):
            kind, name, place = self._kind(key[at])
            if kind == _OURS:
                end = len(texts)  # the server's frames above the agent's first one are nobody's request
                handed_over = handed_over or name.endswith(_TO_THREADS)
            elif kind == _BOTTOM:
                break
            else:
                handed_over = handed_over or name.endswith(_TO_THREADS)
                texts.append("%s (%s:%s)" % (name, place, key[at + 1]))
        texts = texts[:end]
        texts.reverse()
        suspended = key[-1:] == (0,)
        return [*texts, THREAD] if handed_over and suspended and not waits else texts

    def _kind(self, number):
        known = self._kinds.get(number)
        if known is None:
            code = self._codes[number]
            known = self._kinds[number] = self._classified(code)
            if known[0] == _BOTTOM:
                self._beneath.add(number)
        return known

    def _classified(self, code):
        file, name = code.co_filename, qualified_name(code)
        if file.startswith(_HERE):
            return _OURS, name, ""
        if file.endswith(_BENEATH):
            return _BOTTOM, name, ""
        return "", name, self._place(file)

    def _place(self, file):
        shown = self._frames.shown(file)
        if shown is not None:
            return shown
        for part in _LIBRARIES:
            _, found, after = file.rpartition(part)
            if found:
                return after
        return file[len(_STANDARD) :] if file.startswith(_STANDARD) else file
