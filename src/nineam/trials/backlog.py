"""Connections that wait to be accepted: the system has answered them, the application has not seen them. Linux only."""

from collections.abc import Iterable
from pathlib import Path

LISTENING = "0A"
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def unaccepted(port: int) -> int | None:
    """Count the connections that wait to be accepted at a port of this machine; None where nobody can tell."""
    try:
        lines = [line for table in TABLES if table.exists() for line in table.read_text("ascii").splitlines()[1:]]
    except OSError:
        return None
    return waiting(lines, port)


def waiting(lines: Iterable[str], port: int) -> int | None:
    """Add up the queues of the sockets that listen at a port; None without any. Pure."""
    queues = []
    for line in lines:
        _, local, _, state, sizes, *_ = line.split()
        if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
            queues.append(int(sizes.partition(":")[2], 16))
    return sum(queues) if queues else None
