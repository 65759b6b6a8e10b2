"""What the system lets a load process have: open files and local ports, and how much of them is in use."""

import functools
import os
import resource
from pathlib import Path

import msgspec

from nineam.model import LoadStats

OPEN_FILES = Path("/proc/self/fd")
PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
SOCKETS = Path("/proc/net/sockstat")
USUAL_PORTS = 28_232


def noted(stats: LoadStats, connections: int, in_flight: int) -> LoadStats:
    """Return an interval's statistics with what is in flight, and the shares of files and ports in use, beside them."""
    waiting = _waiting() / _ports()
    shares = {"files": files_in_use(), "ports": connections / _ports() + waiting, "waiting_ports": waiting}
    generator = msgspec.structs.replace(stats.generator, in_flight=in_flight, **shares)
    return msgspec.structs.replace(stats, generator=generator)


def files_in_use() -> float:
    """Give the share of the open files that are in use, 0 to 1; 0 where it cannot be read."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    try:
        return 0.0 if limit == resource.RLIM_INFINITY else len(os.listdir(OPEN_FILES)) / limit  # noqa: PTH208
    except OSError:
        return 0.0


def _waiting() -> int:
    """Count the ended connections of the whole system: each keeps a port for a minute, on loopback a second."""
    try:
        lines = SOCKETS.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    words = next((line.split() for line in lines if line.startswith("TCP:")), [])
    return int(words[words.index("tw") + 1]) if "tw" in words else 0


@functools.cache
def _ports() -> int:
    try:
        first, last = map(int, PORT_RANGE.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return USUAL_PORTS
    return max(1, last - first + 1)
