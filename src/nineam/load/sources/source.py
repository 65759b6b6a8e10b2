"""What a source of traffic gives to the engine."""

from collections.abc import Callable
from typing import Any, NamedTuple

from nineam.load.roles import Surroundings, VirtualUser
from nineam.model import LoadPlan

Maker = Callable[[int, Surroundings], VirtualUser[Any]]


class Source(NamedTuple):
    """Items to draw from by weight, and the users who can run them.

    `user(number, surroundings)` makes a user. `file` is the user's own file, whose lines are named in problems; empty
    when the items are nobody's code. `names` are what a scenario's `exec` calls the items. `visitor` makes a user who
    shares nothing with any other, where `user` does not. `visits` (name and item) are what a polite user goes through,
    where that is not the items; `end` is called once everybody has left.
    """

    items: tuple[Any, ...]
    names: tuple[str, ...]
    weights: tuple[float, ...]
    user: Maker
    file: str = ""
    visitor: Maker | None = None
    visits: tuple[tuple[str, Any], ...] = ()
    end: Callable[[], None] | None = None


Opener = Callable[[LoadPlan, Surroundings], Source | None]
