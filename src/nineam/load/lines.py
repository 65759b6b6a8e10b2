"""Lines of a text that comes in pieces."""

import re
from collections.abc import Iterator

LONGEST_LINE = 16_000_000


class TooLong(ValueError):  # noqa: N818 - it says what a line is
    """A line does not come to its end; the text says what was expected."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} of at most {LONGEST_LINE // 1_000_000} MB")


class Lines:
    """Cuts pieces of text into lines; what a line ends with has to be in one piece."""

    def __init__(self, end: re.Pattern[str]) -> None:
        self._split = end.split
        self._begun: list[str] = []  # of the line that has not ended yet: joined once, not with every piece
        self._size = 0

    def feed(self, text: str) -> Iterator[str]:
        """Give the lines that a piece completes. Raises `TooLong`."""
        for line in self._ended(text):
            if len(line) > LONGEST_LINE:
                raise TooLong("lines")
            yield line
        if self._size > LONGEST_LINE:
            raise TooLong("lines")

    def rest(self) -> str:
        """Give what was begun and has not ended."""
        return "".join(self._begun)

    def _ended(self, text: str) -> list[str]:
        first, *more = self._split(text)
        if first:
            self._begun.append(first)
            self._size += len(first)
        if not more:
            return []
        line, last = self.rest(), more.pop()
        self._begun = [last] if last else []
        self._size = len(last)
        return [line, *more]
