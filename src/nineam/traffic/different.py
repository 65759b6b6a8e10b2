"""The different requests of a log: made sendable, numbered, and not too many of them."""

import re
from collections import Counter
from urllib.parse import quote

from nineam.endpoints import endpoint_name
from nineam.model import RequestSpec

LONGEST_TARGET = 16_384
MOST_REQUESTS = 50_000
NONE_ALIKE = -1
REFUSED = 4  # hundred and some
SAFE_IN_TARGET = "/%:@!$&'()*+,;=~-._?[]"
ORDINARY = re.compile(r"/[\w/%:@!$&'()*+,;=~\-.?\[\]]*", re.ASCII)
ORIGIN = re.compile(r"https?://[^/?]*", re.IGNORECASE)


class Different:
    """Numbers requests from 0 in the order they come up first, up to `most`.

    After that, a new one is `folded` into others of its endpoint, or `left_over` when there are none.
    """

    def __init__(self, most: int = MOST_REQUESTS) -> None:
        self.folded = self.left_over = 0
        self._most = most
        self._numbers: dict[tuple[str, str], int] = {}
        self._counts: list[int] = []
        self._refusals: Counter[int] = Counter()
        self._alike: dict[str, list[int]] = {}

    @property
    def refused(self) -> int:
        """How many of the requests that were counted are of a kind that was mostly answered 4xx."""
        return sum(count for number, count in enumerate(self._counts) if self._is_refused(number))

    def number(self, method: str, target: str, status: int = 0) -> int:
        """Give the number of a request, and count it and its answer; `NONE_ALIKE` when it is left over."""
        number = self._numbers.get((method, target))
        if number is None:
            number = self._new(method, target) if len(self._counts) < self._most else self._another(method, target)
        if number != NONE_ALIKE:
            self._counts[number] += 1
            self._refusals[number] += status // 100 == REFUSED
        return number

    def requests(self) -> tuple[RequestSpec, ...]:
        """Give the requests by number, weighted by how often they came."""
        return tuple(
            RequestSpec(
                method=method,
                path=target,
                name=endpoint_name(method, target),
                weight=float(count),
                may_be_refused=self._is_refused(number),
            )
            for (method, target), number, count in zip(self._numbers, self._numbers.values(), self._counts, strict=True)
        )

    def _is_refused(self, number: int) -> bool:
        return 2 * self._refusals[number] > self._counts[number]

    def _new(self, method: str, target: str) -> int:
        number = self._numbers[method, target] = len(self._counts)
        self._counts.append(0)
        self._alike.setdefault(endpoint_name(method, target), []).append(number)
        return number

    def _another(self, method: str, target: str) -> int:
        """Choose among the requests of the same endpoint, each in turn."""
        alike = self._alike.get(endpoint_name(method, target))
        if not alike:
            self.left_over += 1
            return NONE_ALIKE
        self.folded += 1
        return alike[self.folded % len(alike)]


def sendable(target: str) -> str:
    """A target as it is sent: without an origin, escaped where a request line needs it; empty when that is no path."""
    path = target if ORDINARY.fullmatch(target) else _escaped(target)
    return path if path.startswith("/") and len(path) <= LONGEST_TARGET else ""


def _escaped(target: str) -> str:
    bare = ORIGIN.sub("", target, count=1)
    path = f"/{bare}" if bare != target and not bare.startswith("/") else bare
    return quote(path.encode("utf-8", "surrogateescape"), safe=SAFE_IN_TARGET)
