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
MOST_LINES = 100000
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


class Codes(dict):
    """Code objects by id, and the line of each of their instructions that was seen: to look it up takes long."""

    def __init__(self):
        super().__init__()
        self.lines = {}

    def key(self, seen):
        """Return the key of what `glance` has seen."""
        key = []
        lines = self.lines
        for at in range(0, len(seen), 2):
            code, instruction = seen[at], seen[at + 1]
            number = id(code)
            line = lines.get((number, instruction))
            if line is None:
                self[number] = code
                line = line_of(code, instruction)
                if len(lines) < MOST_LINES:
                    lines[(number, instruction)] = line
            key += number, line
        return tuple(key)


def line_of(code, instruction):
    """Return the line of an instruction; where the compiler gave it none, that of the function."""
    found = None
    if hasattr(code, "co_lines"):
        found = next((line for begin, end, line in code.co_lines() if begin <= instruction < end), None)
        return code.co_firstlineno if found is None else found
    end, found = 0, code.co_firstlineno  # Python 3.9: steps of instructions and of lines in turn
    for step, lines in zip(code.co_lnotab[::2], code.co_lnotab[1::2]):  # noqa: B905 - `strict` is newer than that
        end += step
        if end > instruction:
            break
        found += lines - 256 if lines >= 128 else lines
    return found


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
    """Return the key of the stack that ends in `frame`, down to what is known to be beneath every request."""
    return codes.key(glance(frame, beneath))


def glance(frame, beneath):
    """Return code objects and instructions of the stack that ends in `frame`, leaf first.

    That is all that a signal's handler has time for. A greenlet's stack goes on with its parents'.
    """
    seen = []
    parent = None
    add = seen.append
    while frame is not None and len(seen) < 2 * DEEPEST:
        code = frame.f_code
        if id(code) in beneath:
            break
        add(code)
        add(frame.f_lasti)
        frame = frame.f_back
        if frame is None and "greenlet" in sys.modules:
            parent = (sys.modules["greenlet"].getcurrent() if parent is None else parent).parent
            frame = parent.gr_frame if parent is not None else None
    return seen


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


def has_arrived(awaited):
    """Whether what a coroutine awaits has arrived: the iterator of a future refers to it and says nothing itself."""
    collector = sys.modules.get("gc")
    for found in collector.get_referents(awaited) if collector is not None else ():
        if hasattr(found, "done"):
            return found.done() is True
    return True


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
        self._known = {}
        self._stacks = {}

    def stack(self, key, waits, ending=()):
        """Return the number of a stack, root first; `waits` says that its layer is a wait for a thread anyway.

        `ending` is what follows the stack's leaf in words of our own.
        """
        known = self._stacks.get((key, waits, ending))
        if known is None:
            numbers = [*self._numbers(key, waits), *map(self._number, ending)]
            known = self._names.get("stack", ",".join(numbers))
            if len(self._stacks) < MOST_CODES:
                self._stacks[(key, waits, ending)] = known
        return known

    def _numbers(self, key, waits):
        numbers, handed_over, end = [], False, None
        known = self._known
        for at in range(0, len(key), 2):
            pair = key[at], key[at + 1]
            kind, number, to_threads = known.get(pair) or self._look_up(pair)
            if kind == _BOTTOM:
                break
            handed_over = handed_over or to_threads
            if kind == _OURS:
                end = len(numbers)  # the server's frames above the agent's first one are nobody's request
            else:
                numbers.append(number)
        numbers = numbers[:end]
        numbers.reverse()
        suspended = key[-1:] == (0,)
        return [*numbers, self._number(THREAD)] if handed_over and suspended and not waits else numbers

    def _number(self, text):
        return str(self._names.get("frame", text))

    def _look_up(self, pair):
        """Return the kind of a code id and line, the number of their words, and whether they wait for a thread."""
        kind, name, place = self._kind(pair[0])
        number = "" if kind else self._number("%s (%s:%s)" % (name, place, pair[1]))
        found = kind, number, name.endswith(_TO_THREADS)
        if len(self._known) < MOST_LINES:
            self._known[pair] = found
        return found

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
