"""Bodies on their way to the server: a request is over when the last piece of its answer is.

Two things stand in for a body. `Body` (or `Whole`, when it is there at once) is what a server gets: it keeps the record
open, and what lies between two pieces is sending. `Made` (and `MadeAsync`) is around what a view has returned: making a
piece is the view's.
"""

from .request import current, reset


def is_lazy(result, environ):
    """Whether a WSGI result is made while the server asks for it; what is there already, or a file, is not."""
    kind = environ.get("wsgi.file_wrapper")
    return not hasattr(result, "__len__") and not (isinstance(kind, type) and isinstance(result, kind))


class Sending:
    """What is between an application and the last byte of its answer: the record is open, and the time is `layer`'s.

    `finish(request)` is called once, when the answer is closed or forgotten.
    """

    def __init__(self, request, layer, finish):
        self._request = request
        self._layer = layer
        self._finish = finish
        request.enter(layer)

    def finish(self):
        """Close the record."""
        request = self._request
        if not request.done:
            request.leave(self._layer)
            self._finish(request)

    def __del__(self):
        try:
            self.finish()
        except Exception:
            pass


class Whole(Sending):
    """A body that is all there, on its way to the server."""

    def __init__(self, result, request, layer, finish):
        self._result = result
        Sending.__init__(self, request, layer, finish)

    def __iter__(self):
        return iter(self._result)

    def close(self):
        """Close what is inside, and the record."""
        try:
            if hasattr(self._result, "close"):
                self._result.close()
        finally:
            self.finish()

    def __getattr__(self, name):
        return getattr(self._result, name)


class Body(Whole):
    """A body that is made while the server asks for it: what happens inside is the request's."""

    _iterator = None

    def __iter__(self):
        return self

    def __next__(self):
        return self._inside(self._step)

    def _step(self):
        if self._iterator is None:
            self._iterator = iter(self._result)
        return next(self._iterator)

    def _inside(self, work):
        request = self._request
        if request.done:
            return work()
        token = current.set(request)
        request.leave(self._layer)
        try:
            return work()
        finally:
            request.enter(self._layer)
            reset(token)

    def close(self):
        """Close what is inside, which is the request's too, and the record."""
        try:
            if hasattr(self._result, "close"):
                self._inside(self._result.close)
        finally:
            self.finish()


class Made:
    """An iterable whose pieces are made in `layer`, for whichever request asks for them."""

    def __init__(self, made, layer):
        self._made = made
        self._layer = layer
        self._iterator = None

    def __iter__(self):
        return self

    def __next__(self):
        request = current.get()
        if request is None or request.done:
            return self._step()
        request.enter(self._layer)
        try:
            return self._step()
        finally:
            request.leave(self._layer)

    def _step(self):
        if self._iterator is None:
            self._iterator = iter(self._made)
        return next(self._iterator)

    def __getattr__(self, name):
        return getattr(self._made, name)


class MadeAsync:
    """The same of an asynchronous iterator."""

    def __init__(self, made, layer):
        self._made = made
        self._layer = layer

    def __aiter__(self):
        return self

    async def __anext__(self):
        request = current.get()
        if request is None or request.done:
            return await self._made.__anext__()
        request.enter(self._layer)
        try:
            return await self._made.__anext__()
        finally:
            request.leave(self._layer)

    def __getattr__(self, name):
        return getattr(self._made, name)
