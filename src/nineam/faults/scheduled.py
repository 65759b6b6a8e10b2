"""Data that arrive later: the stage that all faults of time share. When they are due is a plan, and pure."""

from collections import deque
from collections.abc import Callable, Iterator

from nineam.faults.injection import Injection
from nineam.faults.timers import Timer, now_ns
from nineam.faults.way import Stage, Way

Piece = tuple[int, int]
"""When it is due, in nanoseconds of the monotonic clock, and how many bytes it has."""
Plan = Callable[[int, int, int], Iterator[Piece]]
"""Cut what was read at an instant, of a flight with this number, so many bytes, into pieces that become due in order.

The end of a connection has 0 bytes and is one piece. Pieces are asked for when those before are gone.
"""


class Scheduled(Stage):
    """Lets each piece go on when it is due."""

    __slots__ = ("_data", "_injection", "_next", "_offset", "_plan", "_planned", "_timer")

    def __init__(self, way: Way, injection: Injection, plan: Plan) -> None:
        super().__init__(way)
        self._injection, self._plan = injection, plan
        self._data: deque[bytes] = deque()
        self._planned: deque[Iterator[Piece]] = deque()
        self._offset = 0
        self._next: Piece | None = None
        self._timer: Timer | None = None

    def feed(self, data: bytes) -> None:
        """Plan what comes; what is due already and has nothing before it goes on at once."""
        self._injection.touch(self.way.link, len(data))
        self.way.hold(len(data))
        self._data.append(data)
        self._planned.append(self._plan(now_ns(), self.way.flights, len(data)))
        if self._timer is None:
            self._go_on()

    def release(self) -> None:
        """Let everything go at once."""
        pieces = list(self._data)
        if pieces:
            pieces[0] = pieces[0][self._offset :]
        self.drop()
        self._pass_on(pieces)

    def drop(self) -> None:
        """Forget everything."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._data.clear()
        self._planned.clear()
        self._next, self._offset = None, 0

    def _go_on(self) -> None:
        self._timer = None
        now, due = now_ns(), []
        while (piece := self._upcoming()) is not None:
            instant, size = piece
            if instant > now:
                self._timer = self._injection.timers.at(instant, self._go_on)
                break
            due.append(self._data[0][self._offset : self._offset + size])
            self._offset += size
            self._next = None
        self._pass_on(due)

    def _upcoming(self) -> Piece | None:
        while self._next is None and self._planned:
            self._next = next(self._planned[0], None)
            if self._next is None:
                self._planned.popleft()
                self._data.popleft()
                self._offset = 0
        return self._next

    def _pass_on(self, pieces: list[bytes]) -> None:
        # not joined: a large answer would be copied once more, and all of it would wait for that
        self.way.hold(-sum(map(len, pieces)))
        for piece in pieces:
            self.forward(piece)
