"""Server-sent events, parsed as the HTML standard says (`text/event-stream`)."""

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from nineam.load.lines import LONGEST_LINE, Lines, TooLong

END_OF_LINE = re.compile("\r\n|\r|\n")
MOST_DIGITS = 18


class Event(NamedTuple):
    """One event. `id` is the last one that was said, `retry` the reconnection time (ms) that was said last."""

    event: str
    data: str
    id: str
    retry: int | None


class EventParser:
    """Takes bytes, however they were cut, and gives events."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._lines = Lines(END_OF_LINE)
        self._first = True
        self._after_cr = False
        self._event = ""
        self._data: list[str] = []
        self._size = 0
        self._id = ""
        self._retry: int | None = None

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take some bytes; gives the events that they complete. Raises `TooLong`."""
        text = self._decode(data)
        if self._first and text:
            self._first = False
            text = text.removeprefix("\ufeff")
        if self._after_cr and text:
            text = text.removeprefix("\n")  # the other half of a CRLF, whose CR has ended the line already
            self._after_cr = False
        self._after_cr = self._after_cr or text.endswith("\r")
        for line in self._lines.feed(text):
            if line:
                self._field(line)
            elif (event := self._dispatch()) is not None:
                yield event

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._size += len(value) + 1
            if self._size > LONGEST_LINE:
                raise TooLong("events")
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS:
            self._retry = int(value)

    def _dispatch(self) -> Event | None:
        event, data = self._event, self._data
        self._event, self._data, self._size = "", [], 0
        return Event(event or "message", "\n".join(data), self._id, self._retry) if data else None
