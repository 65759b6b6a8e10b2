"""What a parser calls for answers that are unlike most: the first one of a connection, one without a body."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nineam.load.wire import Connection

TIMEOUT_HINT = re.compile(rb"(?i)timeout\s*=\s*(\d{1,6})")


class AnswerWithoutBody:
    """Parser callbacks for the answer to a HEAD request, which is over after its head."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def on_headers_complete(self) -> None:
        """Note that the head was parsed."""
        self._connection.on_message_complete()


class FirstAnswer:
    """Parser callbacks for the first answer of a connection: it may say how long the server keeps it."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self.on_body = connection.on_body

    def on_header(self, name: bytes, value: bytes) -> None:
        """Look for a hint among the headers."""
        if name.lower() == b"keep-alive" and (found := TIMEOUT_HINT.search(value)):
            self._connection.lane.client.sweeper.hint(self._connection, int(found[1]))

    def on_message_complete(self) -> None:
        """Note that an answer was parsed; the next ones are parsed without looking at their headers."""
        self._connection.introduced()
