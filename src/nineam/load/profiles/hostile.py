"""Beside half of its requests, sends one that nobody accounted for, on a connection of its own.

With a given set of payloads it sends one of those, in turn, beside each of its requests.

Any answer below 500 is right. A failure of the server's, none at all, or a connection that is closed without one counts
as failed, under what was wrong with the request.
"""

import time
from random import Random
from typing import TYPE_CHECKING

from nineam.endpoints import of_hostile
from nineam.load import failures
from nineam.load.http import Lane
from nineam.load.outgoing import Outgoing
from nineam.load.profiles.draft import Draft
from nineam.load.profiles.payloads import KINDS, Kind
from nineam.load.profiles.profile import Profile
from nineam.load.response import Response
from nineam.load.target import Target
from nineam.load.wire import OnceConnection
from nineam.model import Payload as FrozenPayload

if TYPE_CHECKING:
    from nineam.load.profiles.costume import Costume

HOW_OFTEN = 0.5
CLOSED = (failures.CLOSED, failures.RESET)
RIGHT = range(100, 500)

clock = time.perf_counter_ns


class Exact(Outgoing):
    """A request that goes over the wire exactly as it is."""

    __slots__ = ("data", "ends")

    def __init__(self, method: str, path: str, url: str, name: str, data: bytes, *, ends: bool) -> None:
        super().__init__(method, path, url, of_hostile(name), {"connection": "close"}, b"", b"")
        self.data, self.ends = data, ends

    def bytes_at(self, now_ns: int, extra: bytes) -> bytes:  # noqa: ARG002 - nothing is added
        """Give what goes over the wire."""
        return self.data


class Payload(Exact):
    """An ordinary request with something wrong in it."""

    __slots__ = ()

    def __init__(self, asked: Outgoing, extra: bytes, kind: Kind, choice: Random) -> None:
        draft = Draft(asked, extra, choice)
        kind.change(draft)
        super().__init__(asked.method, asked.path, asked.url, kind.name, draft.as_bytes(), ends=draft.ends)


class Given(Exact):
    """One of a given set; it counts under its id."""

    __slots__ = ()

    def __init__(self, payload: FrozenPayload, target: Target) -> None:
        data = payload.over_the_wire(target.authority, prefix=target.prefix)
        url = target.origin + target.prefix + payload.path
        super().__init__(payload.method, payload.path, url, payload.id, data, ends=payload.ends)


class PayloadConnection(OnceConnection):
    """A connection for one such request."""

    __slots__ = ()

    def start(self, response: Response) -> None:
        """Send it."""
        super().start(response)
        outgoing = response.outgoing
        if isinstance(outgoing, Exact) and outgoing.ends and self._transport.can_write_eof():
            self._transport.write_eof()


class PayloadLane(Lane):
    """A lane of such connections."""

    __slots__ = ()

    connection = PayloadConnection


class HostileLane(Lane):
    """Sends through the ordinary lane, and now and then something else beside it, one at a time."""

    __slots__ = ("_busy", "_choice", "_costume", "_order", "_ordinary", "_payloads")

    def __init__(self, costume: "Costume", ordinary: Lane, choice: Random) -> None:
        super().__init__(costume)
        self._costume, self._ordinary, self._choice = costume, ordinary, choice
        self._payloads = PayloadLane(costume)
        self._order: list[Kind] = []
        self._busy = False

    def send(self, response: Response) -> None:
        """Send a request."""
        self._ordinary.send(response)
        if not self._busy and (self._costume.payloads is not None or self._choice.random() < HOW_OFTEN):
            self._provoke(response)

    def abandon(self, response: Response, kind: str) -> None:
        """Fail one request that is under way, unless it has ended."""
        self._ordinary.abandon(response, kind)

    def close(self, keep: int = 0) -> None:
        """Close idle connections until `keep` are left."""
        self._ordinary.close(keep)

    def over(self) -> None:
        """Note that the answer has come, or that none will."""
        self._busy = False

    def _provoke(self, beside: Response) -> None:
        kind: Kind | FrozenPayload | None
        if self._costume.payloads is not None:
            kind = next(self._costume.payloads)
            payload: Exact = Given(kind, self._costume.target)
        else:
            kind = self._next(beside.outgoing)
            if kind is None:
                return
            payload = Payload(beside.outgoing, beside.extra, kind, self._choice)
        self._busy = True
        now = clock()
        told = Provocation(self, self._costume, kind, beside)
        self._payloads.send(Response(payload, now, now, now + self._costume.timeout_ns, told.answered))

    def _next(self, outgoing: Outgoing) -> Kind | None:
        """Give the first kind in line that suits a request; every kind has its turn before one comes again."""
        for kind in self._order:
            if kind.suits(outgoing):
                self._order.remove(kind)
                return kind
        suiting = [kind for kind in KINDS if kind.suits(outgoing)]
        if not suiting:
            return None
        waiting = [kind for kind in self._order if kind not in suiting]
        self._order = self._choice.sample(suiting, len(suiting)) + waiting
        return self._order.pop(0)


class Provocation:
    """One such request; `asker` is the user beside whose request it was sent."""

    def __init__(self, lane: HostileLane, costume: "Costume", kind: Kind | FrozenPayload, beside: Response) -> None:
        self._lane, self._costume, self._kind = lane, costume, kind
        told = getattr(beside.answered, "__self__", None)
        self.asker = getattr(told, "asker", told)

    def answered(self, response: Response) -> None:
        """Judge the answer and count it."""
        self._lane.over()
        if response.error == failures.INTERRUPTED:
            return
        kind = self._kind
        response.expect = (*RIGHT, *kind.also)
        if kind.may_close and response.error in CLOSED:
            response.expect, response.error = (0,), ""
        self._costume.surroundings.collector.record_apart(response, response.outgoing.name)


def _lane(costume: "Costume", ordinary: Lane, choice: Random) -> Lane:
    return HostileLane(costume, ordinary, choice)


PROFILE = Profile("hostile", lane=_lane, apart=False)
