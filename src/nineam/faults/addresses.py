"""Which dependencies the proxy may talk to: those on this machine, and those that were named."""

import ipaddress
import socket
from collections.abc import Callable, Collection, Sequence

from nineam.errors import UsageError
from nineam.model.fault import Upstream

Resolve = Callable[[str], Sequence[str]]
LAST_PORT = 65_535


def resolve(host: str) -> tuple[str, ...]:
    """Look up every address of a host name; raises OSError when it has none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def addresses_of(upstream: Upstream, allowed: Collection[str] = (), resolver: Resolve = resolve) -> tuple[str, ...]:
    """Give the addresses that connections to an upstream try in turn, looked up now and not again.

    Raises UsageError for a name without an address, a port that does not exist, and a host that is neither this
    machine nor `allowed`.
    """
    where = f"upstream {upstream.name!r}"
    if not 1 <= upstream.port <= LAST_PORT:
        raise UsageError(f"{where}: port {upstream.port} does not exist: expected 1 to {LAST_PORT}")
    try:
        addresses = tuple(resolver(upstream.host))
    except (OSError, UnicodeError) as problem:
        raise UsageError(
            f"{where}: host {upstream.host!r} has no address: {problem}", hint="check the spelling"
        ) from None
    strangers = [each for each in addresses if not ipaddress.ip_address(each).is_loopback]
    if not addresses or (strangers and upstream.host.lower() not in {name.lower().strip("[]") for name in allowed}):
        raise _elsewhere(upstream, where)
    return addresses


def _elsewhere(upstream: Upstream, where: str) -> UsageError:
    return UsageError(
        f"{where}: {upstream.host} is not this machine; faults go between the application and loopback addresses only",
        details=("a fault on a connection that others share breaks their work",),
        hint=f'if it is yours alone: allow_targets = ["{upstream.host}"] in nineam.toml and '
        f"--allow-target {upstream.host}",
    )
