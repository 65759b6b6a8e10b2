"""What the drivers' hooks have in common: time, count, and leave alone what an ORM above already counts."""

import sys
from contextvars import ContextVar

from ..request import current
from .statements import LONGEST_KEPT, fingerprint, normalise

MOST_KEPT = 2000
_AWAITS = 0x20 | 0x80 | 0x100 | 0x200  # inspect's CO_GENERATOR, CO_COROUTINE and their two kin

# whether what this task executes is counted by somebody above, or is a library's own housekeeping
counted = ContextVar("nineam_counted", default=False)


def executing(agent, is_async=False):
    """Return a maker of `execute(self, statement, parameters=None, ...)` wrappers, whatever the arguments' names."""
    layer = agent.layer("db_execute")

    def make(original):
        def execute(cursor, *args, **options):
            request = current.get()
            if request is None or request.done or request.stack[-1] == layer or counted.get():
                return original(cursor, *args, **options)
            begin = request.enter(layer)
            try:
                return original(cursor, *args, **options)
            finally:
                taken = request.leave(layer) - begin
                account(agent, request, taken, *_said(args, options), sys._getframe(1), cursor)

        async def execute_async(cursor, *args, **options):
            request = current.get()
            # another task of this request may be executing too: only this task's own context tells
            if request is None or request.done or counted.get():
                return await original(cursor, *args, **options)
            token = counted.set(True)
            begin = request.enter(layer)
            try:
                return await original(cursor, *args, **options)
            finally:
                taken = request.leave(layer) - begin
                counted.reset(token)
                account(agent, request, taken, *_said(args, options), awaiting(agent, sys._getframe(1)), cursor)

        return execute_async if is_async else execute

    return make


def awaiting(agent, frame):
    """Return the application's innermost frame among those that await, or None.

    A task's stack ends with its first coroutine; beyond that come the loop and whoever runs the server.
    """
    try:
        while frame is not None and frame.f_code.co_flags & _AWAITS:
            if agent.frames.shown(frame.f_code.co_filename) is not None:
                return frame
            frame = frame.f_back
    except Exception:
        agent.recorder.dropped += 1
    return None


def _said(args, options):
    """Return statement and parameters of a call; a call without a statement is about to fail and counts as empty."""
    given = [*args, *options.values()]
    return given[0] if given else "", given[1] if len(given) > 1 else None


def account(agent, request, taken, statement, parameters, frame, cursor=None):
    """Count one execution of a statement for the line of the application above `frame`, or else for the endpoint.

    Returns what `Request.query` does; None when it could not be counted.
    """
    try:
        try:
            number = agent.statements[statement]
        except (KeyError, TypeError):
            number = _number(agent, statement)
        site = request.where if frame is None else agent.site(frame)
        return request.query(number, site, fingerprint(parameters), taken, cursor)
    except Exception:
        agent.recorder.dropped += 1
        return None


def _number(agent, statement):
    """Return the number of a statement's text; remembered for texts as they are given, of a bearable length."""
    number = agent.names.get("statement", normalise(statement))
    if type(statement) is str and len(statement) <= LONGEST_KEPT and len(agent.statements) < MOST_KEPT:
        agent.statements[statement] = number
    return number


def housekeeping(layer, is_async=False):
    """Return a maker of wrappers whose time goes to `layer` and whose statements are not the application's."""

    def make(original):
        def keep(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return original(*args, **kwargs)
            token = counted.set(True)
            request.enter(layer)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(layer)
                counted.reset(token)

        async def keep_async(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return await original(*args, **kwargs)
            token = counted.set(True)
            request.enter(layer)
            try:
                return await original(*args, **kwargs)
            finally:
                request.leave(layer)
                counted.reset(token)

        return keep_async if is_async else keep

    return make


def wrap_existing(agent, owner, names, make):
    """Wrap those of `names` that `owner` defines itself; a class that inherits one has it wrapped already."""
    for name in names:
        if name in vars(owner):
            agent.patcher.wrap(owner, name, make)
