"""Which PostgreSQL the application uses: from a URL in its environment, or one that the user named."""

import ipaddress
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from nineam.collect.signals import NotHere
from nineam.model import Record

URL = re.compile(r"postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)
USUAL = "DATABASE_URL"
SOCKETS = "/var/run/postgresql,/tmp"
LEAD_ELSEWHERE = ("PGHOSTADDR", "PGSERVICE")
"""Variables that lead the client library away from a socket, whatever else it is told."""

Resolve = Callable[[str], Sequence[str]]


class Address(Record, frozen=True, kw_only=True):
    """Where a database of this machine is; `addresses` are loopback, empty for a Unix socket in the folder `host`."""

    host: str
    addresses: tuple[str, ...]
    port: int
    name: str
    user: str
    password: str

    def parameters(self) -> dict[str, str]:
        """Spell it for libpq: with addresses given, nothing else decides where the connection goes."""
        many = max(1, len(self.addresses))
        spelt = {
            "host": ",".join([self.host] * many),
            "hostaddr": ",".join(self.addresses),
            "port": str(self.port),
            "dbname": self.name,
            "user": self.user,
            "password": self.password,
        }
        return {key: value for key, value in spelt.items() if value}


def resolve(host: str) -> tuple[str, ...]:
    """Look up every address of a host name; raises OSError when it has none."""
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))


def in_environment(environment: Mapping[str, str]) -> str:
    """Return the URL of a PostgreSQL among some variables, `DATABASE_URL` before others; empty without one."""
    named = sorted(environment, key=lambda name: (name != USUAL, "DATABASE" not in name, name))
    return next((environment[name] for name in named if URL.match(environment[name])), "")


def address_of(url: str, environment: Mapping[str, str], resolver: Resolve = resolve) -> Address:
    """Read a URL as SQLAlchemy, Django's helpers or libpq write it. Raises NotHere when it is not on this machine.

    No message holds the URL itself: there may be a password in it.
    """
    if not URL.match(url):
        raise NotHere("it is not a postgresql:// URL")
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        port = int(query.get("port", [parts.port or 5432])[-1])
    except ValueError:
        raise NotHere("its URL names several hosts, or none that can be read") from None
    host = query.get("host", [unquote(parts.hostname or "")])[-1]
    addresses = _addresses(query.get("hostaddr", [host])[-1], environment, resolver)
    return Address(
        host=host or SOCKETS,
        addresses=addresses,
        port=port,
        name=unquote(parts.path.removeprefix("/")),
        **_account(parts),
    )


def _account(parts: SplitResult) -> dict[str, str]:
    return {"user": unquote(parts.username or ""), "password": unquote(parts.password or "")}


def _addresses(host: str, environment: Mapping[str, str], resolver: Resolve) -> tuple[str, ...]:
    """Return the loopback addresses of a host; none for a socket. Raises NotHere for any other machine."""
    if not host or host.startswith("/"):
        leading = [name for name in LEAD_ELSEWHERE if environment.get(name)]
        if leading:
            raise NotHere(f"{leading[0]} may lead to another machine")
        return ()
    try:
        found = tuple(resolver(host))
        near = bool(found) and all(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in found)
    except (OSError, UnicodeError, ValueError):
        raise NotHere(f"the database's host {host} has no address") from None
    if not near:
        raise NotHere(f"the database's host {host} is not this machine")
    return found
