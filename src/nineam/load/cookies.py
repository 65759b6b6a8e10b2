"""A small cookie jar: what one virtual user was given, sent back where its path says, until it expires."""

import email.utils
import time
from collections.abc import Callable, Iterable, Mapping

MOST = 180  # that a browser keeps of one host
LARGEST = 4096  # characters of name and value
NEVER = float("inf")

Key = tuple[str, str]


class Jar:
    """Cookies by name and path, in `kept`, the oldest first; the domain is always that of the target."""

    __slots__ = ("_clock", "_ends", "_everywhere", "_soonest", "kept")

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.kept: dict[Key, str] = {}
        self._clock = clock
        self._ends: dict[Key, float] = {}
        self._soonest = NEVER
        self._everywhere: str | None = ""

    def store(self, lines: Iterable[str], asked: str = "/") -> None:
        """Take in the values of `Set-Cookie` headers that answer a request for the path `asked`."""
        for line in lines:
            pair, *attributes = line.split(";")
            name, equals, value = pair.strip().partition("=")
            if equals and name and len(name) + len(value) <= LARGEST:
                self._store(name, value, dict(_attribute(text) for text in attributes), asked)
        self._look_over()

    def header(self, path: str, extra: Mapping[str, str] | None = None) -> str:
        """Give the value of the `Cookie` header for a path, with the cookies of one request on top; may be empty."""
        if self._ends and self._soonest <= self._clock():
            self._drop_expired()
        own = self._everywhere if self._everywhere is not None else self._joined(path)
        if not extra:
            return own
        return "; ".join([*([own] if own else []), *(f"{name}={value}" for name, value in extra.items())])

    def clear(self) -> None:
        """Forget all cookies."""
        self.kept.clear()
        self._ends.clear()
        self._everywhere = ""

    def _store(self, name: str, value: str, attributes: dict[str, str], asked: str) -> None:
        path = attributes.get("path", "")
        key = name, path if path.startswith("/") else _directory(asked)
        ends = _end(attributes, self._clock())
        self._ends.pop(key, None)
        if ends <= self._clock():
            self.kept.pop(key, None)
            return
        if ends != NEVER:
            self._ends[key] = ends
        self.kept[key] = value
        if len(self.kept) > MOST:
            self._drop(next(iter(self.kept)))

    def _drop_expired(self) -> None:
        now = self._clock()
        for key in [key for key, ends in self._ends.items() if ends <= now]:
            self._drop(key)
        self._look_over()

    def _drop(self, key: Key) -> None:
        self.kept.pop(key, None)
        self._ends.pop(key, None)

    def _look_over(self) -> None:
        self._soonest = min(self._ends.values(), default=NEVER)
        self._everywhere = self._joined("") if all(path == "/" for _, path in self.kept) else None

    def _joined(self, path: str) -> str:
        kept = (f"{name}={value}" for (name, scope), value in self.kept.items() if not path or _within(path, scope))
        return "; ".join(kept)


def _attribute(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition("=")
    return name.lower(), value.strip()


def _end(attributes: dict[str, str], now: float) -> float:
    """Give the instant at which a cookie expires; `Max-Age` has the last word, and one that cannot be read has none."""
    age = attributes.get("max-age", "")
    if age.removeprefix("-").isdecimal() and age.isascii():
        return now + min(int(age[:20]), 2**40)
    if "expires" in attributes:
        try:
            return email.utils.parsedate_to_datetime(attributes["expires"]).timestamp()
        except (ValueError, OverflowError):
            return NEVER
    return NEVER


def _directory(path: str) -> str:
    """Give the path of a cookie that names none."""
    return path.partition("?")[0].rpartition("/")[0] or "/"


def _within(path: str, scope: str) -> bool:
    return scope in ("/", path) or path.startswith(scope.rstrip("/") + "/")
