"""The two mappings of a session: its headers, whatever the case, and its cookies."""

from collections.abc import Iterator, MutableMapping
from typing import Any

from nineam.load.cookies import Jar


class Lines(MutableMapping[str, str]):
    """Headers by name in any case."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __setitem__(self, name: str, value: str) -> None:
        self._values[name.lower()] = value

    def __delitem__(self, name: str) -> None:
        del self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


class Cookies(MutableMapping[str, str]):
    """The cookies of a jar by name; one that is set here goes to every path."""

    def __init__(self, jar: Jar) -> None:
        self._jar = jar

    def __getitem__(self, name: str) -> str:
        return next(value for (known, _), value in self._all() if known == name) if name in self else self._none(name)

    def __setitem__(self, name: str, value: str) -> None:
        self._jar.store([f"{name}={value}; path=/"])

    def __delitem__(self, name: str) -> None:
        self[name]
        self._jar.store([f"{name}=; path={path}; max-age=0" for (known, path), _ in self._all() if known == name])

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for (name, _), _ in self._all()))

    def __len__(self) -> int:
        return len({name for (name, _), _ in self._all()})

    def __contains__(self, name: object) -> bool:
        return any(known == name for (known, _), _ in self._all())

    def set(self, name: str, value: str | None, **_: Any) -> None:
        """Set a cookie, or remove it when the value is None."""
        if value is None:
            self.pop(name, None)
        else:
            self[name] = value

    def get_dict(self, **_: Any) -> dict[str, str]:
        """Give all of them as a dict."""
        return dict(self)

    def clear(self, *_: Any) -> None:
        """Forget all of them."""
        self._jar.clear()

    def __repr__(self) -> str:
        return repr(dict(self))

    def _all(self) -> list[tuple[tuple[Any, ...], str]]:
        return list(self._jar.kept.items())

    def _none(self, name: str) -> str:
        raise KeyError(name)
