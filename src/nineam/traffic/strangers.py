"""Which answers turn a stranger away: what is behind a login cannot be measured by somebody who has none."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

REFUSALS = frozenset({401, 403, 407})
LOGIN = re.compile(r"(?:^|[/_.-])(?:log|sign)[_-]?(?:in|on)(?:$|[/_.-])", re.IGNORECASE)
MOST_NAMED = 3


class Answered(NamedTuple):
    """What came of asking once: the status, or 0 when there was no whole answer; its body; where it leads to."""

    status: int
    body: bytes = b""
    location: str = ""


def login_of(asked: str, answer: Answered) -> str:
    """Return the path of the login that a path leads to; empty when it leads to none, or is one itself.

    A login is called like one, or it is told where to come back to.
    """
    path = urlsplit(asked).path
    if not 300 <= answer.status < 400 or not answer.location or LOGIN.search(path):
        return ""
    there = urlsplit(urljoin(asked, answer.location))
    back = any(urlsplit(value).path == path for _, value in parse_qsl(there.query))
    return there.path if there.path != path and (back or LOGIN.search(there.path)) else ""


def behind(logins: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Say, login by login, which pages lead there; `logins` are names of pages with the paths of logins."""
    pages: dict[str, list[str]] = {}
    for name, login in logins:
        pages.setdefault(login, []).append(name)
    return tuple(f"behind the login {login}: {_spelt(names)}" for login, names in pages.items())


def _spelt(names: list[str]) -> str:
    """Name the first few pages."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
