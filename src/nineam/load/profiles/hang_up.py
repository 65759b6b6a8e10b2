"""Closes the connection before a third of its answers, if it is fast enough, and in the middle of another third."""

import asyncio
from random import Random
from typing import TYPE_CHECKING

from nineam.load import failures
from nineam.load.http import Client, Lane
from nineam.load.profiles.profile import Profile
from nineam.load.response import Response
from nineam.load.wire import Connection

if TYPE_CHECKING:
    from nineam.load.profiles.costume import Costume

PATIENCE_S = (0.0, 0.0, 0.005, 0.05)


class HangUpConnection(Connection):
    """A connection whose client may leave; `lane` says when."""

    __slots__ = ("_leaves_midway",)

    lane: "HangUpLane"

    def start(self, response: Response) -> None:
        """Send a request, and decide whether its answer will be waited for."""
        choice = self.lane.choice
        before, self._leaves_midway = choice.choice(((True, False), (False, True), (False, False)))
        super().start(response)
        if before:
            asyncio.get_running_loop().call_later(choice.choice(PATIENCE_S), self._leave, response)

    def data_received(self, data: bytes) -> None:
        """Take some bytes of an answer, or leave at the sight of them."""
        response = self.response
        if response is not None and self._leaves_midway:
            self._leave(response)
        else:
            super().data_received(data)

    def _leave(self, response: Response) -> None:
        if self.response is response:
            self.fail(failures.HUNG_UP)


class HangUpLane(Lane):
    """A lane of such connections; `choice` is the user's own."""

    __slots__ = ("choice",)

    connection = HangUpConnection

    def __init__(self, client: Client, choice: Random) -> None:
        super().__init__(client)
        self.choice = choice


def _lane(costume: "Costume", ordinary: Lane, choice: Random) -> Lane:  # noqa: ARG001 - it is not used any more
    return HangUpLane(costume, choice)


PROFILE = Profile("hang-up", lane=_lane, impatient=True)
