"""Sends a run to where the user keeps metrics: while it goes on, or a run that is over."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nineam.errors import UsageError
from nineam.export.delivery import without_password
from nineam.export.destinations import delivery
from nineam.export.sender import Sender, send_all
from nineam.model import Tick
from nineam.monday.events import Counted, Event, Listener, PhaseBegan
from nineam.store.writer import Writer


@contextlib.contextmanager
def exporting(exports: Mapping[str, str], writer: Writer) -> Iterator[Listener]:
    """Send what the events of the block count to every destination; what could not be sent becomes a notice."""
    senders = [(_title(name, url), Sender(delivery(name, url, writer.path.stem))) for name, url in exports.items()]
    try:
        yield Feed([sender for _, sender in senders]).take
    finally:
        for title, sender in senders:
            complaint = sender.close().complaint
            if complaint:
                writer.insert("notice", [(f"{title}: {complaint}",)])


def export_all(exports: Mapping[str, str], run: str, ticks: Sequence[Tick]) -> None:
    """Send a run that is over; raises UsageError when not everything arrived."""
    for name, url in exports.items():
        way = delivery(name, url, run)
        complaint = send_all(way, ticks).complaint
        way.stop()
        if complaint:
            raise UsageError(f"{_title(name, url)}: {complaint}", hint="the run file is kept: send it again later")


class Feed:
    """Turns the events of a run into ticks for the senders."""

    def __init__(self, senders: Iterable[Sender]) -> None:
        self._senders = tuple(senders)
        self._epoch_ns = epoch_ns()
        self._kind, self._stair = "", 0

    def take(self, event: Event) -> None:
        """Take an event in; never waits."""
        if isinstance(event, PhaseBegan):
            self._kind, self._stair = event.kind, event.stair
        elif isinstance(event, Counted):
            tick = self._tick(event)
            for sender in self._senders:
                sender.take(tick)

    def _tick(self, counted: Counted) -> Tick:
        event = counted.event
        at_s, seconds = (event.at_ns + self._epoch_ns) / 1e9, event.stats.generator.wall_s
        return Tick(
            kind=self._kind, stair=self._stair, at_s=at_s, seconds=seconds, vus=event.active_vus, stats=event.stats
        )


def epoch_ns() -> int:
    """Return what has to be added to the monotonic clock to get Unix time."""
    return time.time_ns() - time.perf_counter_ns()


def _title(name: str, url: str) -> str:
    return f"--{name} {without_password(url)}"
