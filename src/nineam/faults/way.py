"""One direction of a connection: what one side says, through the faults at work, to the other side."""

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import asyncio  # not for who only names faults

    from nineam.faults.link import Link

MOST_HELD = 8 * 2**20
"""Bytes on their way in one direction; beyond, the sender has to wait, as behind a full window."""
MOST_UNSENT = 2**20
END = b""
"""In the place of data: the sender has said everything (FIN)."""

Direction = Literal["upstream", "downstream"]
Feed = Callable[[bytes], None]


class Stage:
    """A fault at work on one direction of one connection.

    `feed` gets what was said, in order, at last `END` perhaps; it goes on with `self.forward`, now or later.
    """

    __slots__ = ("forward", "way")

    def __init__(self, way: "Way") -> None:
        self.way = way
        self.forward: Feed = way.deliver

    def feed(self, data: bytes) -> None:
        """Take what comes next."""
        self.forward(data)

    def release(self) -> None:
        """Let go on whatever is held, in order: the fault is healed."""

    def drop(self) -> None:
        """Forget whatever is held: the connection is gone."""


class Way:
    """One direction: `source` is read, `sink` is written to, `push` is where data enters.

    `flights` counts how often this side began to speak, `bytes` what it said.
    """

    __slots__ = (
        "bytes", "direction", "early", "ended", "flights", "full", "held", "link", "paused", "push", "sink", "source",
    )  # fmt: skip

    def __init__(self, link: "Link", direction: Direction) -> None:
        self.link, self.direction = link, direction
        self.source: asyncio.Transport | None = None
        self.sink: asyncio.Transport | None = None
        self.push: Feed = self.deliver
        self.bytes = self.flights = self.held = 0
        self.early: list[bytes] = []
        self.ended = self.full = self.paused = False

    def attach(self, sink: "asyncio.Transport") -> None:
        """Write to a socket from now on, first of all what came before it was there."""
        self.sink = sink
        early, self.early = self.early, []
        for data in early:
            self.deliver(data)

    def receive(self, data: bytes) -> None:
        """Take what the source said."""
        link = self.link
        if link.turn is not self:
            link.turn = self
            self.flights += 1
        self.bytes += len(data)
        self.push(data)

    def end(self) -> None:
        """Take it that the source has said everything."""
        self.ended = True
        self.push(END)

    def deliver(self, data: bytes) -> None:
        """Give data, or the end, to the sink."""
        sink = self.sink
        if sink is None:
            self.early.append(data)
        elif sink.is_closing():
            return
        elif data:
            sink.write(data)
        else:
            self.link.delivered_end(self)

    def lead_through(self, stages: list[Stage]) -> None:
        """Let data pass these stages from now on, in this order."""
        for stage, following in itertools.pairwise(stages):
            stage.forward = following.feed
        if stages:
            stages[-1].forward = self.deliver
        self.push = stages[0].feed if stages else self.deliver

    def hold(self, size: int) -> None:
        """Note that so many bytes more, or less, are on their way."""
        self.held += size
        self.adjust()

    def adjust(self) -> None:
        """Read from the source if there is room, and only then."""
        source, paused = self.source, self.full or self.held > MOST_HELD
        if source is not None and paused is not self.paused and not source.is_closing():
            self.paused = paused
            if paused:
                source.pause_reading()
            else:
                source.resume_reading()
