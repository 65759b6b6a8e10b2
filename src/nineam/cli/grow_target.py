"""Which database is meant, and that it is on this machine."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path

from nineam.app.loopback import Resolve, resolve
from nineam.config.settings import Settings, load_settings
from nineam.errors import UsageError
from nineam.grow.address import HINT, Address, parse_address

VARIABLE = "DATABASE_URL"


def find_database(
    text: str,
    flags: tuple[str, ...],
    directory: Path,
    environ: Mapping[str, str],
    resolver: Resolve = resolve,
    flag: str = "--allow-host",
) -> Address:
    """Return the database the user named, or the application's; raises UsageError unless it is on this machine.

    A host beyond needs both: the project's list and today's flag, as in `nineam run`.
    """
    settings = load_settings(directory)
    text = text or (settings.env or {}).get(VARIABLE, "") or environ.get(VARIABLE, "")
    if not text:
        raise UsageError(f"which database? {VARIABLE} is not set", hint=f"nineam grow DATABASE: {HINT}")
    address = parse_address(text, environ)
    for host in address.hosts:
        _ensure_near(host, flags, settings, resolver, flag)
    return address


def _ensure_near(host: str, flags: tuple[str, ...], settings: Settings, resolver: Resolve, flag: str) -> None:
    if host in flags and host in settings.allow_targets:
        return
    try:
        addresses = tuple(resolver(host))
    except (OSError, UnicodeError) as problem:
        raise UsageError(f"the database's host {host!r} has no address: {problem}", hint="check the spelling") from None
    if not addresses or not all(ipaddress.ip_address(each).is_loopback for each in addresses):
        raise UsageError(
            f"{host} is not this machine; nineam grows clones on loopback addresses only",
            details=("a server that others use would carry the clone's load too",),
            hint=f'if it is yours: allow_targets = ["{host}"] in nineam.toml and {flag} {host}',
        )
