"""What users of a kind of their own have around them instead of what all the others have."""

import asyncio
from random import Random
from typing import Any, cast

from nineam.endpoints import of_profile
from nineam.load import failures
from nineam.load.collector import Collector
from nineam.load.http import Client, Lane
from nineam.load.profiles.profile import Profile
from nineam.load.profiles.slow_connector import SlowConnector
from nineam.load.response import Response
from nineam.load.roles import Surroundings

PATIENCE = 10  # times the timeout of others: that a line is slow is not the application's fault


class Costume(Client):
    """The client of one user: the same as everybody's, with connections of another kind.

    `surroundings` are those the user is in at present.
    """

    def __init__(self, surroundings: Surroundings, profile: Profile, choice: Random) -> None:
        vars(self).update(vars(surroundings.client))  # connections and whatever watches over them are shared
        self.profile = profile
        self.surroundings = surroundings
        self._choice = choice
        if profile.apart:
            self.unhurried = True
            self.mark_requests = False  # how long the line took is not to be taken for waiting in the server
        if profile.line is not None:
            self.timeout_ns *= PATIENCE
            self.connector = SlowConnector(self.target, self.options, profile.line)

    def lane(self, *, shared: bool = False) -> Lane:
        """Make a lane of this kind."""
        ordinary = super().lane(shared=shared)
        return self.profile.lane(self, ordinary, self._choice) if self.profile.lane else ordinary

    def within(self, surroundings: Surroundings) -> Surroundings:
        """Give the user's surroundings within those of all the others."""
        self.surroundings = surroundings
        return cast("Surroundings", Disguise(surroundings, self))


class Disguise:
    """Surroundings in a costume; the user's requests count apart from the others', where the profile says so."""

    def __init__(self, surroundings: Surroundings, costume: Costume) -> None:
        self._surroundings = surroundings
        self.client = costume
        self.left = False
        self.collector: Any = surroundings.collector
        if costume.profile.impatient:
            self.collector = Leaving(self)
        elif costume.profile.apart:
            self.collector = Apart(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._surroundings, name)

    @property
    def ending(self) -> bool:
        """Whether no further request may be sent, in this iteration or at all."""
        return self.left or self._surroundings.ending


class Apart:
    """Stands in for the collector: requests count under names of their own, and nowhere else."""

    def __init__(self, disguise: Disguise) -> None:
        self._disguise = disguise
        self._collector: Collector = disguise.collector

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collector, name)

    def record(self, response: Response) -> None:
        """Count a request that has ended; one that was only cut off at the end tells nothing, to checks either."""
        if response.error == failures.INTERRUPTED:
            _end_iteration(response)
            return
        name = of_profile(response.outgoing.name, self._disguise.client.profile.name)
        self._collector.record_apart(response, name)

    def tagged(self, *_: object) -> None:
        """Count nothing: tags are about ordinary users."""


class Leaving(Apart):
    """Likewise; a request that the client gave up is no failure, and ends the iteration as if it had never begun."""

    def record(self, response: Response) -> None:
        """Count a request that has ended."""
        if response.error == failures.HUNG_UP:
            response.expect = (0,)
            self._disguise.left = True
            _end_iteration(response)
        super().record(response)

    def started(self, slip_us: int) -> None:
        """Note that an iteration begins: the client is back."""
        self._disguise.left = False
        self._collector.started(slip_us)


def _end_iteration(response: Response) -> None:
    """Cancel who waits for a request. It counts as a bug of the journey unless nothing more may be sent then."""
    if isinstance(response.waiter, asyncio.Future):
        response.waiter.cancel()
