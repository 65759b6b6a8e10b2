"""Who stands where: what users need around them, and what an executor needs of a user."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from nineam.load.alarm import Alarm
from nineam.load.collector import Collector
from nineam.load.http import Client

Item_contra = TypeVar("Item_contra", contravariant=True)


class Surroundings(Protocol):
    """What a user needs of the engine. `ending` is set once the phase accepts no further request."""

    client: Client
    collector: Collector
    alarm: Alarm
    ending: bool
    journeys_file: str
    seed: int


class VirtualUser(Protocol[Item_contra]):
    """What an executor needs of a user."""

    finished: "Callable[[Any, bool], None]"

    def run(self, item: Item_contra, intended_ns: int) -> None:
        """Begin one iteration, which was meant to begin at `intended_ns`."""

    def cancel(self) -> None:
        """End the iteration unless an answer is still awaited."""

    def shut_out(self) -> None:
        """Let this user send nothing, ever again: it would not end its iteration."""

    async def close(self) -> None:
        """Leave for good."""


def nobody(user: Any, got_nothing: bool) -> None:
    """Take no interest in the end of an iteration."""
