"""Sending beside a run: nobody waits for the other side, and the end comes whatever it does."""

import threading

import intervals

from nineam.export.sender import WAITING, Sender, Sent


class Way:
    """A delivery that does what it is told."""

    def __init__(self, reasons=(), gate=None):
        self.reasons = list(reasons)
        self.gate = gate
        self.arrived = []
        self.busy = threading.Event()
        self.stopped = threading.Event()

    def deliver(self, tick):
        self.arrived.append(tick)
        self.busy.set()
        if self.gate:
            self.gate.wait(30)
        reason = self.reasons.pop(0) if self.reasons else ""
        if reason == "raise":
            raise ValueError("a bug at http://ann:s3cret@host")
        return reason

    def stop(self):
        self.stopped.set()


def ticks(count, seconds=5.0):
    return [intervals.tick(number, intervals.endpoint(), seconds=seconds) for number in range(count)]


def test_everything_arrives_in_order_gathered_to_five_seconds():
    way = Way()
    sender = Sender(way)
    for tick in ticks(21, seconds=0.5):
        sender.take(tick)
    assert sender.close() == Sent(deliveries=3)
    assert [tick.stats.endpoints[0].requests for tick in way.arrived] == [27, 27, 9]


def test_what_failed_is_counted_with_the_first_reason_and_the_rest_still_goes():
    sender = Sender(Way(reasons=("status 500", "", "raise")))
    for tick in ticks(4):
        sender.take(tick)
    assert sender.close().complaint == "2 of 4 deliveries failed (status 500)"


def test_a_library_that_raises_does_not_end_the_sending_and_shows_no_password():
    sender = Sender(Way(reasons=("raise",)))
    for tick in ticks(2):
        sender.take(tick)
    assert sender.close() == Sent(deliveries=2, failed=1, reason="ValueError: a bug at ...")


def test_the_end_does_not_wait_for_somebody_who_does_not_answer():
    gate = threading.Event()
    way = Way(gate=gate)
    sender = Sender(way)
    for tick in ticks(3):
        sender.take(tick)
    assert way.busy.wait(10)
    assert sender.close(limit_s=0.05).complaint == "3 were not sent"
    assert way.stopped.is_set()
    gate.set()


def test_memory_is_bounded_when_nobody_answers():
    gate = threading.Event()
    way = Way(gate=gate)
    sender = Sender(way)
    sender.take(ticks(1)[0])
    assert way.busy.wait(10)
    for tick in ticks(WAITING + 25):
        sender.take(tick)
    assert sender.close(limit_s=0.05).unsent >= 25 + WAITING
    gate.set()
