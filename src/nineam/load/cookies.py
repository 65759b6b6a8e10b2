"""A small cookie jar: what one virtual user was given, sent back where its path says."""

import email.utils
import time
from collections.abc import Iterable, Mapping


class Jar:
    """Cookies by name and path, in `kept`; the domain is always that of the target."""

    __slots__ = ("_everywhere", "kept")

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self._everywhere: str | None = ""

    def store(self, lines: Iterable[str]) -> None:
        """Take the values of `Set-Cookie` headers in; an expired one removes the cookie."""
        for line in lines:
            pair, *attributes = line.split(";")
            name, equals, value = pair.strip().partition("=")
            if not equals or not name:
                continue
            self._store(name, value, dict(_attribute(text) for text in attributes))
        self._everywhere = self._joined("") if all(path == "/" for _, path in self.kept) else None

    def header(self, path: str, extra: Mapping[str, str] | None = None) -> str:
        """Give the value of the `Cookie` header for a path, with the cookies of one request on top; may be empty."""
        own = self._everywhere if self._everywhere is not None else self._joined(path)
        if not extra:
            return own
        return "; ".join([*([own] if own else []), *(f"{name}={value}" for name, value in extra.items())])

    def clear(self) -> None:
        """Forget all cookies."""
        self.kept.clear()
        self._everywhere = ""

    def _store(self, name: str, value: str, attributes: dict[str, str]) -> None:
        path = attributes.get("path", "/") or "/"
        if _expired(attributes):
            self.kept.pop((name, path), None)
        else:
            self.kept[name, path] = value

    def _joined(self, path: str) -> str:
        kept = (f"{name}={value}" for (name, scope), value in self.kept.items() if not path or _within(path, scope))
        return "; ".join(kept)


def _attribute(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition("=")
    return name.lower(), value.strip()


def _expired(attributes: dict[str, str]) -> bool:
    if "max-age" in attributes:
        return not attributes["max-age"].lstrip("0").isdigit()
    if "expires" in attributes:
        try:
            return email.utils.parsedate_to_datetime(attributes["expires"]).timestamp() <= time.time()
        except (ValueError, OverflowError):
            return False
    return False


def _within(path: str, scope: str) -> bool:
    return scope in ("/", path) or path.startswith(scope.rstrip("/") + "/")
