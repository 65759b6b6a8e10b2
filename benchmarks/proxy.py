"""`python -m benchmarks.proxy`: what the fault proxy costs a round trip, how many it holds, and what 50 ms means.

One client with blocking calls asks one dependency, in turn directly and through the proxy, in blocks; the difference of
the medians of neighbouring blocks is what the proxy adds. It is measured twice: where the system places the three
processes, as it would place an application, the proxy and a database, and with all of them on one core, where no
processor has to be woken from its sleep. socat, when it is on `PATH`, stands in the proxy's place in the same sitting:
what a forwarder in C adds there is the machine's.

The same client then holds a thousand connections, and at last asks with a latency of 50 ms applied, for 64 bytes and
for 1 MB. What that adds is counted from the median of the block before it, through the idle proxy with a pause of
50 ms before each question: processors and caches that waited so long are slower to answer, whoever let them wait.
"""

import argparse
import contextlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from benchmarks.cores import all_cores, on_core
from benchmarks.outcomes import Outcome, Settings, Verdict, machine
from benchmarks.proxy_peer import QUESTION
from benchmarks.servers import running
from benchmarks.tables import Spread, markdown, range_of, spread
from nineam.faults.client import FaultProxy
from nineam.model.fault import Upstream

SMALL, LARGE = 64, 2**20
MOST_ADDED_US = 60.0
HELD = 1000
LATENCY_MS, TOLERANCE_MS = 50.0, 1.0
ROUNDS, ASKS = 15, 1000
HEAD = ("directly, us", "through it, us", "added, us")
US, MS = 1000, 1_000_000

Ask = Callable[[int], int]


def main() -> int:
    """Measure and print; the exit code says whether every target was held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs of blocks")
    parser.add_argument("--asks", type=int, default=ASKS, help="round trips of a block")
    given = parser.parse_args()
    print(machine(), flush=True)
    outcome = sitting(given.rounds, given.asks)
    print(*outcome.lines, "", *map(str, outcome.verdicts), sep="\n")
    return int(not all(verdict.held for verdict in outcome.verdicts))


def measure(settings: Settings) -> Outcome:
    """Measure as a part of `make bench`: `repeats` are pairs of blocks."""
    return sitting(settings.repeats or ROUNDS, ASKS)


def sitting(rounds: int, asks: int) -> Outcome:
    """Measure all of it."""
    _raise_file_limit()
    began, before = time.monotonic(), _busy_s()
    with all_cores():
        found = [_placed("placed by the system", rounds, asks), _steady(rounds, asks)]
    with on_core(0):
        found.insert(1, _placed("all on one core", rounds, asks))
    others = (_busy_s() - before) / (time.monotonic() - began) / (psutil.cpu_count() or 1)
    lines = [line for outcome in found for line in outcome.lines]
    lines += ["", f"Other processes took {max(0, others):.0%} of the processors: above a few percent nothing holds."]
    return Outcome(lines, [each for outcome in found for each in outcome.verdicts], {"others": others})


def _placed(where: str, rounds: int, asks: int) -> Outcome:
    """Measure what is added to a round trip by the proxy, and by socat."""
    with running("benchmarks.proxy_peer", core=None) as peer:
        with _proxy(int(peer.said)) as proxy:
            ours = _beside(int(peer.said), proxy.ports["peer"], rounds, asks)
        with _socat(int(peer.said)) as port:
            theirs = _beside(int(peer.said), port, rounds, asks) if port else None
    rows = [("nineam", *map(range_of, ours)), *([("socat", *map(range_of, theirs))] if theirs else [])]
    target = f"adds under {MOST_ADDED_US:g} us per round trip at the median, {where}"
    verdict = Verdict(target, f"{range_of(ours[2])} us", ours[2].median < MOST_ADDED_US)
    return Outcome(["", *markdown((where, *HEAD), rows)], [verdict], {})


def _beside(peer: int, port: int, rounds: int, asks: int) -> tuple[Spread, Spread, Spread]:
    with connected(peer) as direct, connected(port) as through:
        return added(direct, through, rounds, asks)


@contextmanager
def _socat(peer: int) -> Iterator[int]:
    """Forward to the peer with socat from a free port; 0 where there is no socat."""
    if not shutil.which("socat"):
        yield 0
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    there = f"TCP:127.0.0.1:{peer},nodelay"
    process = subprocess.Popen(["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,nodelay,reuseaddr,fork", there])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)


def _steady(rounds: int, asks: int) -> Outcome:
    with running("benchmarks.proxy_peer", core=None) as peer, _proxy(int(peer.said)) as proxy:
        port = proxy.ports["peer"]
        thousand = _thousand(proxy, int(peer.said), rounds, asks)
        latencies = [_latency(proxy, port, size, rounds) for size in (SMALL, LARGE)]
    return Outcome(thousand.lines, [*thousand.verdicts, *latencies], {})


def _proxy(port: int) -> FaultProxy:
    return FaultProxy.start([Upstream(name="peer", host="127.0.0.1", port=port)])


@contextmanager
def connected(port: int) -> Iterator[Ask]:
    """Connect; what is given asks for so many bytes and returns the nanoseconds until the last one was there."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        place = bytearray(LARGE)

        def ask(size: int) -> int:
            began, left = time.perf_counter_ns(), size
            connection.sendall(size.to_bytes(8, "big") + bytes(QUESTION - 8))
            while left:
                left -= connection.recv_into(place, left)
            return time.perf_counter_ns() - began

        yield ask


def block(ask: Ask, size: int, times: int, pause_s: float = 0.0) -> list[int]:
    """Ask so often, with pauses before, after a few times for warming up."""
    for _ in range(max(2, times // 20)):
        ask(size)
    found = []
    for _ in range(times):
        if pause_s:
            time.sleep(pause_s)
        found.append(ask(size))
    return found


def added(direct: Ask, through: Ask, rounds: int, times: int) -> tuple[Spread, Spread, Spread]:
    """Ask in turn; microseconds of both ways, and how much more the second took, round by round, at the median."""
    pairs = [
        (statistics.median(block(direct, SMALL, times)) / US, statistics.median(block(through, SMALL, times)) / US)
        for _ in range(rounds)
    ]
    return spread([a for a, _ in pairs]), spread([b for _, b in pairs]), spread([b - a for a, b in pairs])


def _thousand(proxy: FaultProxy, peer: int, rounds: int, times: int) -> Outcome:
    held = [socket.create_connection(("127.0.0.1", proxy.ports["peer"])) for _ in range(HELD)]
    for each in held:
        each.sendall(SMALL.to_bytes(8, "big") + bytes(QUESTION - 8))
    answered = sum(len(each.recv(SMALL, socket.MSG_WAITALL)) == SMALL for each in held)
    living = proxy.counts()[0].living
    spreads = _beside(peer, proxy.ports["peer"], rounds, times)
    memory = psutil.Process(proxy.pid).memory_info().rss / 1e6
    for each in held:
        each.close()
    measured = f"{living:,} living, {answered:,} answered, {memory:.0f} MB"
    verdict = Verdict(f"holds {HELD:,} connections", measured, living == answered == HELD)
    head = (f"beside {HELD:,} others, placed by the system", *HEAD)
    return Outcome(["", *markdown(head, [("nineam", *map(range_of, spreads))])], [verdict], {})


def _latency(proxy: FaultProxy, port: int, size: int, rounds: int) -> Verdict:
    more: list[float] = []
    with connected(port) as ask:
        for _ in range(rounds):
            idle = statistics.median(block(ask, size, 20, LATENCY_MS / 1000))
            proxy.apply("latency", {"latency": LATENCY_MS})
            more += [(each - idle) / MS for each in block(ask, size, 20)]
            proxy.heal("latency")
    more.sort()
    low, middle, high = (more[round(share * (len(more) - 1))] for share in (0.05, 0.5, 0.95))
    name = f"{LATENCY_MS:g} ms for {size:,} bytes"
    measured = f"adds {middle:.2f} ms at the median (5 to 95 %: {low:.2f} - {high:.2f}; {len(more)} times)"
    held = all(abs(each - LATENCY_MS) <= TOLERANCE_MS for each in (low, middle, high))
    return Verdict(f"{name} means {LATENCY_MS:g} +- {TOLERANCE_MS:g} ms", measured, held)


def _busy_s() -> float:
    """Give the processor time of everybody but this process and those it started, in seconds."""
    times = psutil.cpu_times()._asdict()
    everybody = sum(value for name, value in times.items() if name not in ("idle", "iowait", "guest", "guest_nice"))
    own = (psutil.Process(), *psutil.Process().children(recursive=True))
    return everybody - sum(sum(each.cpu_times()[:2]) for each in own)


def _raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
