"""What a kind of client is made of."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from nineam.load.http import Lane
from nineam.load.profiles.line import Line

if TYPE_CHECKING:
    from nineam.load.profiles.costume import Costume

LaneMaker = Callable[["Costume", Lane, Random], Lane]


class Profile(NamedTuple):
    """A kind of client: the `line` it is on, or the `lane` that it sends through (given the ordinary one).

    Requests of clients that are `apart` count under names of their own. An `impatient` client leaves before it is
    answered, which ends its iteration.
    """

    name: str
    line: Line | None = None
    lane: LaneMaker | None = None
    apart: bool = True
    impatient: bool = False
