"""Who stands where: what users need around them, and what an executor needs of a user."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.http import Client, Lane

Item_contra = TypeVar("Item_contra", contravariant=True)


class Surroundings(Protocol):
    """What a user needs of the engine. `ending` is set once the phase accepts no further request.

    `shared_lane` is the lane of all users who have no connections of their own.
    """

    client: Client
    shared_lane: Lane
    collector: Collector
    alarm: Alarm
    ending: bool
    journeys_file: str
    seed: int


class VirtualUser(Protocol[Item_contra]):
    """What an executor needs of a user."""

    finished: "Callable[[Any, bool], None]"

    def move(self, engine: Surroundings) -> None:
        """Be in other surroundings from now on: those of another scenario, say."""

    def run(self, item: Item_contra, intended_ns: int) -> None:
        """Begin one iteration, which was meant to begin at `intended_ns`."""

    def cancel(self) -> None:
        """End the iteration unless an answer is still awaited."""

    def shut_out(self) -> None:
        """Let this user send nothing, ever again: it would not end its iteration."""

    def rest(self) -> None:
        """Close idle connections while this user is not needed."""

    async def close(self) -> None:
        """Leave for good."""


def nobody(user: Any, got_nothing: bool) -> None:
    """Take no interest in the end of an iteration."""
