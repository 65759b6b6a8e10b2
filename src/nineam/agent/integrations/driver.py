"""What the drivers' hooks have in common: time, count, and leave alone what an ORM above already counts."""

import sys

from ..request import current
from .statements import fingerprint, normalise


def executing(agent, is_async=False):
    """Return a maker of `execute(self, statement, parameters=None, ...)` wrappers."""
    layer = agent.layer("db_execute")

    def skip(request):
        return request is None or request.done or request.stack[-1] == layer

    def account(request, begin, statement, parameters, frame):
        taken = request.leave(layer) - begin
        try:
            number = agent.names.get("statement", normalise(statement))
            request.query(number, agent.site(frame), fingerprint(parameters), taken)
        except Exception:
            agent.recorder.dropped += 1

    def make(original):
        def execute(cursor, statement, *rest, **options):
            request = current.get()
            if skip(request):
                return original(cursor, statement, *rest, **options)
            begin = request.enter(layer)
            try:
                return original(cursor, statement, *rest, **options)
            finally:
                account(request, begin, statement, rest[0] if rest else None, sys._getframe(1))

        async def execute_async(cursor, statement, *rest, **options):
            request = current.get()
            if skip(request):
                return await original(cursor, statement, *rest, **options)
            begin = request.enter(layer)
            try:
                return await original(cursor, statement, *rest, **options)
            finally:
                account(request, begin, statement, rest[0] if rest else None, sys._getframe(1))

        return execute_async if is_async else execute

    return make


def fetching(agent, is_async=False):
    """Return a maker of `fetch*` wrappers."""
    layer = agent.layer("db_fetch")

    def make(original):
        def fetch(*args, **kwargs):
            request = current.get()
            if request is None or request.done or request.stack[-1] == layer:
                return original(*args, **kwargs)
            request.enter(layer)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(layer)

        async def fetch_async(*args, **kwargs):
            request = current.get()
            if request is None or request.done or request.stack[-1] == layer:
                return await original(*args, **kwargs)
            request.enter(layer)
            try:
                return await original(*args, **kwargs)
            finally:
                request.leave(layer)

        return fetch_async if is_async else fetch

    return make
