"""Users of kinds of their own: made when they are needed, kept apart from the others for what comes next."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from random import Random
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nineam.load.roles import Surroundings, VirtualUser
from nineam.load.sources.source import Maker

if TYPE_CHECKING:
    from nineam.load.profiles.costume import Costume


class Wardrobe:
    """Knows who wears what; `make` makes a user who shares nothing with any other."""

    def __init__(self, surroundings: Surroundings, make: Maker) -> None:
        self._surroundings = surroundings
        self._make = make
        self._worn: WeakKeyDictionary[VirtualUser[Any], Costume] = WeakKeyDictionary()  # of those who are still there
        self._idle: defaultdict[str, list[VirtualUser[Any]]] = defaultdict(list)

    @property
    def idle(self) -> list[VirtualUser[Any]]:
        """All users who wait for what comes next."""
        return [user for users in self._idle.values() for user in users]

    def user(self, kind: str, number: Callable[[], int]) -> VirtualUser[Any]:
        """Give an idle user of a kind, a new one with the next number when there is none."""
        return self._idle[kind].pop() if self._idle[kind] else self.visitor(kind, number())

    def visitor(self, kind: str, number: int) -> VirtualUser[Any]:
        """Give a new user of a kind."""
        from nineam.load.profiles import PROFILES  # noqa: PLC0415 - most loads have nobody unlike the others
        from nineam.load.profiles.costume import Costume  # noqa: PLC0415 - likewise

        choice = Random(f"{self._surroundings.seed}/{kind}/{number}")  # noqa: S311 - whims, no secrets
        costume = Costume(self._surroundings, PROFILES[kind], choice)
        user = self._make(number, costume.within(self._surroundings))
        self._worn[user] = costume
        return user

    def take_back(self, users: Iterable[VirtualUser[Any]]) -> list[VirtualUser[Any]]:
        """Keep those of some users who are unlike the others, and give the rest."""
        rest: list[VirtualUser[Any]] = []
        for user in users:
            costume = self._worn.get(user)
            (rest if costume is None else self._idle[costume.profile.name]).append(user)
        return rest

    def around(self, user: VirtualUser[Any], surroundings: Surroundings) -> Surroundings:
        """Give what a user has around itself within the surroundings of all."""
        costume = self._worn.get(user)
        return costume.within(surroundings) if costume else surroundings
