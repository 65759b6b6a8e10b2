"""Users without a journey who ask for what was refused before, as an access log says: a refusal is no failure."""

from nineam.load.outgoing import Outgoing
from nineam.load.plain import PlainUser, PlainVisitor
from nineam.load.response import Response

ANY_BUT_ERRORS = frozenset(range(200, 500))


class Refusable(Outgoing):
    """A request that may be answered 4xx."""

    __slots__ = ()

    def __init__(self, like: Outgoing) -> None:
        super().__init__(like.method, like.path, like.url, like.name, like.headers, like.head, like.body)
        self.timeouts, self.upload, self.unusual = like.timeouts, like.upload, like.unusual


class _Lenient:
    __slots__ = ()

    def _answered(self, response: Response) -> None:
        if isinstance(response.outgoing, Refusable):
            response.expect = ANY_BUT_ERRORS
        super()._answered(response)  # type: ignore[misc]  # that of the user


class LenientUser(_Lenient, PlainUser):
    """A plain user to whom a refusable request may be refused."""

    __slots__ = ()


class LenientVisitor(_Lenient, PlainVisitor):
    """The same with a lane of its own."""

    __slots__ = ()
