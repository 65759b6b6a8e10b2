"""What `nineam doctor` says about one thing, and what it asks of this machine."""

import asyncio
import os
import resource
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Literal

import psutil

from nineam.errors import NineamError
from nineam.load.selftest import measure
from nineam.model import Record

PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
ENOUGH_FILES = 4096
ENOUGH_PORTS = 10_000
ENOUGH_RATE = 2000
SLOW_LOOPBACK_US = 500
ROUND_TRIPS = 300
SELF_TEST_S = 1.0


class Check(Record, frozen=True, kw_only=True):
    """One line of the list. `fine`: as it should be. `limited`: it works, with less. `broken`: it does not."""

    name: str
    state: Literal["fine", "limited", "broken"]
    said: str
    advice: str = ""


def cores() -> Check:
    """Count the cores: the generator and the application want one each."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if count >= 2:
        return Check(name="cores", state="fine", said=str(count))
    return Check(
        name="cores",
        state="limited",
        said="1: the generator takes its time from the application",
        advice="results are a lower bound; a machine with two cores says more",
    )


def open_files(limit: int | None = None) -> Check:
    """Every user is a connection; the load process raises its soft limit to the hard one by itself."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1] if limit is None else limit
    if limit == resource.RLIM_INFINITY or limit >= ENOUGH_FILES:
        said = "no limit" if limit == resource.RLIM_INFINITY else f"{limit:,}"
        return Check(name="open files", state="fine", said=said)
    return Check(
        name="open files",
        state="limited",
        said=f"{limit:,}: enough for about {max(0, limit - 50):,} users at once",
        advice=f"raise the hard limit: ulimit -Hn {ENOUGH_FILES}, or nofile in /etc/security/limits.conf",
    )


def ports(file: Path = PORT_RANGE) -> Check:
    """Every connection from here to here takes one of these."""
    try:
        low, high = (int(number) for number in file.read_text().split())
    except (OSError, ValueError):
        return Check(name="ports", state="fine", said="the system's own range (not shown here)")
    count = high - low + 1
    if count >= ENOUGH_PORTS:
        return Check(name="ports", state="fine", said=f"{count:,} ephemeral ports")
    return Check(
        name="ports",
        state="limited",
        said=f"only {count:,} ephemeral ports",
        advice="widen the range: sysctl net.ipv4.ip_local_port_range='15000 60999'",
    )


def processes() -> Check:
    """CPU and memory of the application are read from the process table, its port from the socket table."""
    try:
        psutil.Process().parent()
        psutil.Process().memory_info()
        psutil.Process().net_connections(kind="tcp")
    except (psutil.Error, OSError) as error:
        return Check(
            name="processes",
            state="limited",
            said=f"cannot be read ({type(error).__name__})",
            advice="say where the application listens with --host; its CPU and memory stay unknown",
        )
    return Check(name="processes", state="fine", said="CPU, memory and ports of processes can be read")


def loopback() -> Check:
    """Time a round trip over 127.0.0.1, which is in every time that is measured."""
    try:
        microseconds = round_trip_us()
    except OSError as error:
        return Check(
            name="loopback",
            state="broken",
            said=f"127.0.0.1 does not answer: {error}",
            advice="bring the loopback interface up: ip link set lo up",
        )
    said = f"{microseconds:.0f} us for a round trip"
    if microseconds <= SLOW_LOOPBACK_US:
        return Check(name="loopback", state="fine", said=said)
    return Check(
        name="loopback", state="limited", said=said, advice="something else is busy; times below 1 ms mean little"
    )


def round_trip_us(count: int = ROUND_TRIPS) -> float:
    """Median microseconds of a byte's way to another thread and back over TCP. Raises OSError."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5.0)
        echo = threading.Thread(target=_echo, args=(server,), daemon=True)
        echo.start()
        with socket.create_connection(server.getsockname(), timeout=5.0) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            times = [_ping(client) for _ in range(count)]
        echo.join(5.0)
    return median(times) / 1000


def _ping(client: socket.socket) -> int:
    begin = time.perf_counter_ns()
    client.sendall(b".")
    client.recv(1)
    return time.perf_counter_ns() - begin


def _echo(server: socket.socket) -> None:
    try:
        connection = server.accept()[0]
        with connection:
            connection.settimeout(5.0)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := connection.recv(1):
                connection.sendall(data)
    except OSError:
        return


def generator() -> Check:
    """Run the load process against a server that does nothing."""
    try:
        result = asyncio.run(measure(SELF_TEST_S))
    except NineamError as error:
        return Check(
            name="generator", state="broken", said=error.message, advice=error.hint or "is a firewall in the way?"
        )
    said = f"{result.cpu_us_per_request:.0f} us of CPU per request, {result.max_rate:,.0f} requests/s against a stub"
    if result.max_rate >= ENOUGH_RATE:
        return Check(name="generator", state="fine", said=said)
    return Check(
        name="generator",
        state="limited",
        said=said,
        advice="this machine is slow or busy; runs will say when it matters",
    )


MACHINE: tuple[Callable[[], Check], ...] = (cores, open_files, ports, processes, loopback, generator)
"""What is asked of the machine, in the order it is shown."""
