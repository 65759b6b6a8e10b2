"""Load goes to this machine only, unless the user says otherwise twice."""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import SplitResult, urlsplit

from nineam.errors import UsageError
from nineam.model.address import unix_address

URL_HINT = "write it like http://127.0.0.1:8000"
Resolve = Callable[[str], Sequence[str]]


def resolve(host: str) -> tuple[str, ...]:
    """Look up every address of a host name; raises OSError when it has none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def parse_url(url: str, what: str = "target") -> SplitResult:
    """Split an http or https URL with a host; raises UsageError otherwise."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise UsageError(f"{what} {url!r} is not a URL: {problem}", hint=URL_HINT) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise UsageError(f"{what} {url!r}: expected http:// or https:// and a host", hint=URL_HINT)
    return parts


def ensure_loopback(
    url: str, allowed: tuple[str, ...] = (), resolver: Resolve = resolve, *, what: str = "target"
) -> tuple[str, ...]:
    """Return the addresses of the URL's host when all of them are loopback or the host is in `allowed`.

    `what` is what the user knows the URL as.
    A Unix socket is always on this machine and has no addresses.
    Raises UsageError for a name that does not resolve and for a host that is somewhere else.
    """
    local = unix_address(url)
    if local is not None:
        if not local.file:
            raise UsageError(f"{what} {url!r} names no socket", hint="write it like unix:/tmp/app.sock")
        return ()
    host = parse_url(url, what).hostname or ""
    try:
        addresses = tuple(resolver(host))
    except (OSError, UnicodeError) as problem:
        raise UsageError(f"{what} host {host!r} has no address: {problem}", hint="check the spelling") from None
    strangers = [address for address in addresses if not ipaddress.ip_address(address).is_loopback]
    if not addresses or (strangers and host.lower() not in {name.lower().strip("[]") for name in allowed}):
        raise _elsewhere(host, strangers, what)
    return addresses


def _elsewhere(host: str, strangers: Sequence[str], what: str) -> UsageError:
    addresses = "" if strangers == [host] else f" ({', '.join(strangers)})"
    before, does = ("", "loads") if what == "target" else (f"{what}: ", "talks to")
    return UsageError(
        f"{before}{host}{addresses} is not this machine; nineam {does} loopback addresses only",
        details=("load on a machine that others use is an attack unless its owner agreed",),
        hint=f'if it is yours: allow_targets = ["{host}"] in nineam.toml and --allow-target {host}',
    )
