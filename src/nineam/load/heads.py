"""Answers whose head was parsed before: the same bytes mean the same again, so they are not parsed once more.

An application's heads hardly differ from answer to answer. Looking one up costs a third of parsing it, on the way of
every request.
"""

import re
import time
from typing import NamedTuple

from nineam.load.response import END_OF_HEAD, Response

LENGTH = re.compile(rb"(?i)\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n")
ENCODED = b"\ntransfer-encoding:"
MOST_HEADS = 256
TOO_SOON_S = 1.0  # to have met so many: they come faster than they can be of use
PAUSE = 10_000  # answers until another attempt


class KnownHead(NamedTuple):
    """What a head says: the status, the size of the whole answer in bytes, and `Response.mentions`."""

    status: int
    size: int
    mentions: tuple[bool, bool]


class Heads:
    """The heads of one client, by their bytes; while an application never says the same twice, none is kept."""

    def __init__(self) -> None:
        self.known: dict[bytes, KnownHead] = {}
        self._pause = 0
        self._emptied_at = time.monotonic()

    def learn(self, response: Response, status: int) -> None:
        """Keep the head of an answer that came in one piece, was parsed to its end, and left the connection open."""
        if self._pause:
            self._wait()
            return
        raw = response.raw
        head = raw[: raw.find(END_OF_HEAD) + 4]
        length = LENGTH.search(head)
        # only a length says where the next answer with this head ends
        if length is None or ENCODED in head.lower() or len(raw) != len(head) + int(length[1]):
            return
        if len(self.known) >= MOST_HEADS:
            self._make_room()
        if not self._pause:
            self.known[head] = KnownHead(status, len(raw), response.mentions())

    def _make_room(self) -> None:
        """Forget all heads, and learn none for a while when they came too fast."""
        now = time.monotonic()
        self._pause = PAUSE if now - self._emptied_at < TOO_SOON_S else 0
        self._emptied_at = now
        self.known.clear()

    def _wait(self) -> None:
        self._pause -= 1
        if not self._pause:
            self._emptied_at = time.monotonic()
