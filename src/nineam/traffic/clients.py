"""Clients that are unlike the others, as people write them: `slow-reader=3, hostile=1`, `mobile=30%`."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from nineam.errors import UsageError, nearest, pointer
from nineam.model import CLIENT_PROFILES, ClientShare

OPTION = "--clients"
MOST = 1_000_000
PART = re.compile(r"(?P<name>[^=]*?)\s*=\s*(?P<amount>.*)")
COUNT = re.compile(r"[0-9]{1,9}")
PERCENT = re.compile(r"([0-9]{1,3}(?:[.][0-9]{1,6})?)\s*%")
HINT = "Write how many users are like that, or a share: slow-reader=3, mobile=30%."


def parse_clients(text: str) -> tuple[ClientShare, ...]:
    """Read `NAME=COUNT, NAME=SHARE%`. Raises `UsageError` with a caret under the part that is wrong."""
    found: list[ClientShare] = []
    column = 0
    for part in text.split(","):
        here = column + len(part) - len(part.lstrip())
        found.append(_part(part.strip(), pointer(text, here, len(part.strip()))))
        column += len(part) + 1
    return _together(found, OPTION)


def parse_clients_table(table: Mapping[str, Any], where: str) -> tuple[ClientShare, ...]:
    """Read a table of names and amounts, as in `{ slow-reader = 3, mobile = "30%" }`. Raises `UsageError`."""
    found = (_share(str(name), _text(amount), f"{where}: {name}", ()) for name, amount in table.items())
    return _together(found, where)


def ensure_fits(shares: tuple[ClientShare, ...], users: int, where: str = OPTION) -> None:
    """Raise `UsageError` when more clients are counted than there are `users`; 0 means that nobody said how many."""
    counted = sum(each.count for each in shares)
    if not counted or counted <= users:
        return
    wished = ", ".join(f"{each.profile}={each.count}" for each in shares if each.count)
    if not users:
        message = f"{where}: {wished} counts users, and this load has no number of users"
        hint = "Say how many users there are (--users), or give a share: hostile=1%."
        raise UsageError(message, hint=hint)
    hint = "Use more users, or fewer of these clients, or a share: slow=10%."
    raise UsageError(f"{where}: {wished} is {counted} clients, and there are only {users} users", hint=hint)


def _part(part: str, details: tuple[str, ...]) -> ClientShare:
    match = PART.fullmatch(part)
    if not match or not match["name"]:
        raise UsageError(f"{OPTION}: got '{part}', expected NAME=COUNT or NAME=SHARE%", details=details, hint=HINT)
    return _share(match["name"], match["amount"], f"{OPTION}: {match['name']}", details)


def _share(name: str, amount: str, where: str, details: tuple[str, ...]) -> ClientShare:
    if name not in CLIENT_PROFILES:
        close = nearest(name, CLIENT_PROFILES)
        raise UsageError(
            f"{where}: there are no such clients",
            details=(*details, f"there are: {', '.join(CLIENT_PROFILES)}"),
            hint=f"Did you mean '{close}'?" if close else "Name one of these.",
        )
    if COUNT.fullmatch(amount) and int(amount) <= MOST:
        return ClientShare(profile=name, count=int(amount))
    percent = PERCENT.fullmatch(amount)
    if percent and float(percent[1]) <= 100:
        return ClientShare(profile=name, share=float(percent[1]) / 100)
    raise UsageError(f"{where} is '{amount}', expected a whole number or 0% to 100%", details=details, hint=HINT)


def _text(amount: Any) -> str:
    return str(amount).strip() if isinstance(amount, int | str) and not isinstance(amount, bool) else repr(amount)


def _together(shares: Iterable[ClientShare], where: str) -> tuple[ClientShare, ...]:
    found = tuple(shares)
    names = [each.profile for each in found]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{where}: {name} is there twice", hint="Name each kind of client once.")
    total = sum(each.share for each in found)
    if total > 1.000001:
        raise UsageError(f"{where}: the shares are {total:.0%} together", hint="They must not exceed 100%.")
    return tuple(each for each in found if each.count or each.share)
