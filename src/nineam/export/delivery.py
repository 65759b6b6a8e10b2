"""What every destination does: take the numbers of a few seconds to somewhere else, and say why it could not."""

import contextlib
import logging
import re
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from nineam.model import Tick

DELIVERY_S = 5.0
"""How long one delivery may take."""
_PHRASES = (
    (re.compile(r"refused", re.IGNORECASE), "connection refused"),
    (re.compile(r"timed? ?out", re.IGNORECASE), "no answer in time"),
    (re.compile(r"failed to resolve|name or service|getaddrinfo", re.IGNORECASE), "name not resolved"),
    (re.compile(r"certificate verify failed", re.IGNORECASE), "certificate refused"),
)
_STATUS = re.compile(r"\b([45]\d\d)\b")


class Delivery(Protocol):
    """A way to one destination."""

    def deliver(self, tick: Tick) -> str:
        """Send a few seconds of a run; returns why that failed, or nothing."""

    def stop(self) -> None:
        """Give up what is under way, from another thread."""


class Complaints(logging.Handler):
    """Keeps what a library says in its log, which is the only place where it says what went wrong."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self.messages.append(record.getMessage())

    def reason(self) -> str:
        """Return the first complaint in few words."""
        return in_few_words(self.messages[0]) if self.messages else "refused without a reason"


@contextlib.contextmanager
def listening(name: str) -> Iterator[Complaints]:
    """Keep what the logger `name` says during the block, and keep it from being printed."""
    logger, complaints = logging.getLogger(name), Complaints()
    logger.addHandler(complaints)
    logger.propagate = False
    try:
        yield complaints
    finally:
        logger.removeHandler(complaints)
        logger.propagate = True


def in_few_words(message: str) -> str:
    """Return a library's complaint without addresses, in which there may be passwords."""
    for pattern, words in _PHRASES:
        if pattern.search(message):
            return words
    status = _STATUS.search(message)
    if status:
        return f"status {status.group(1)}"
    return re.sub(r"\S*://\S*", "...", " ".join(message.split()))[:120]


def without_password(url: str) -> str:
    """Return an address as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
