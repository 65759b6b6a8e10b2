"""Before the trials: start the application once, see what it talks to, lead that through the proxy, learn the rest."""

import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from nineam.errors import UsageError
from nineam.faults.addresses import addresses_of
from nineam.faults.client import FaultProxy
from nineam.model import RequestSpec
from nineam.model.fault import Upstream
from nineam.model.record import Record
from nineam.model.trial import Dependency
from nineam.payloads.aim import Aim
from nineam.trials.addresses import loopback
from nineam.trials.dependencies import dependencies, merged, seen_connecting
from nineam.trials.lab import Lab
from nineam.trials.player import Player
from nineam.trials.subject import Fact, Leading, Subject, facts
from nineam.trials.trial import Pace

REACH_S = 2.0
ASKS = 2
USERS, BURST_S = 8, 1.5
SHARE_OF_KNEE, LEAST_RATE, MOST_RATE = 0.4, 2.0, 20.0
HEALTH = "GET the health check"


class Traffic(Record, frozen=True, kw_only=True):
    """What will be sent, where health is asked, and what the user should know of that.

    `beyond` requests are known besides and are not sent: there are too many.
    `aims` are what may be sent wrongly, too; `unasked` are the endpoints whose method nobody asked for.
    """

    requests: tuple[RequestSpec, ...]
    beyond: int = 0
    aims: tuple[Aim, ...] = ()
    unasked: tuple[str, ...] = ()
    health_path: str = ""
    notices: tuple[str, ...] = ()


class Wish(Record, frozen=True, kw_only=True):
    """What the user chose: hosts beyond this machine, dependencies by hand, the ordinary rate (0: found), the pace."""

    allowed: tuple[str, ...] = ()
    upstreams: tuple[Dependency, ...] = ()
    rate: float = 0.0
    pace: Pace = Pace()


class Scouted(NamedTuple):
    """A lab that is ready, what is to be known of it, and why some dependencies are not put to the test (by role)."""

    lab: Lab
    notices: tuple[str, ...]
    refused: dict[str, str]


Refusal = tuple[Dependency, str]
FindTraffic = Callable[[str], Awaitable[Traffic]]


@contextlib.asynccontextmanager
async def scouting(
    subject: Subject, wish: Wish, find_traffic: FindTraffic, say: Callable[[str], None]
) -> AsyncIterator[Scouted]:
    """Make the lab; what it needs is taken down at the end. Raises ApplicationError and UsageError."""
    with tempfile.TemporaryDirectory(prefix="nineam-") as scratch:
        report = Path(scratch) / "connections.jsonl"
        found, refused = _reachable(merged((*dependencies(subject.environment), *wish.upstreams)), wish.allowed)
        lab = Lab(subject=subject, proxy=None, leading=Leading(found, {}, report), pace=wish.pace, say=say)
        try:
            _stand_between(lab, found, wish.allowed)
            say(f"starting {' '.join(subject.command)}")
            more, notices = await _look(lab, find_traffic, wish.rate)
            if more:
                say(f"no variable names {', '.join(more_names(more))}: connections are redirected from inside")
                more, others = _reachable(more, wish.allowed)
                refused = (*refused, *others)
                report.unlink(missing_ok=True)
                _stand_between(lab, merged((*found, *more)), wish.allowed)
                _, notices = await _look(lab, find_traffic, wish.rate, again=True)
            yield Scouted(lab, notices, _by_role(refused, lab.base_url))
        finally:
            if lab.proxy is not None:
                lab.proxy.stop()


def more_names(found: Iterable[Dependency]) -> list[str]:
    """Spell the addresses of dependencies."""
    return [f"{each.host}:{each.port}" for each in found]


def _stand_between(lab: Lab, found: Sequence[Dependency], allowed: Sequence[str]) -> None:
    """Start a proxy in front of all dependencies, in place of the one before."""
    if lab.proxy is not None:
        lab.proxy.stop()
    upstreams = [Upstream(name=each.name, host=each.host, port=each.port) for each in found]
    lab.proxy = FaultProxy.start(upstreams, allowed=allowed) if upstreams else None
    lab.leading = Leading(tuple(found), lab.proxy.ports if lab.proxy else {}, lab.leading.report)


def _by_role(refused: Iterable[Refusal], base_url: str) -> dict[str, str]:
    """Give the reason why nothing of a role is put to the test; the application's own address is no dependency."""
    url = urlsplit(base_url)
    own = (loopback(url.hostname or ""), url.port)
    return {each.role: why for each, why in refused if (loopback(each.host), each.port) != own}


def _reachable(
    found: Iterable[Dependency], allowed: Sequence[str]
) -> tuple[tuple[Dependency, ...], tuple[Refusal, ...]]:
    """Keep what is on this machine (or allowed) and there; of the others the reason why not."""
    kept: list[Dependency] = []
    refused: list[Refusal] = []
    for each in found:
        try:
            addresses = addresses_of(Upstream(name=each.name, host=each.host, port=each.port), allowed)
            socket.create_connection((addresses[0], each.port), REACH_S).close()
        except UsageError as problem:
            refused.append((each, f"{problem.message} ({', '.join(each.sources)}); {problem.hint}"))
        except OSError as problem:
            why = problem.strerror or str(problem)
            refused.append((each, f"nobody answers at {each.host}:{each.port} ({', '.join(each.sources)}): {why}"))
        else:
            kept.append(each)
    return tuple(kept), tuple(refused)


async def _look(
    lab: Lab, find_traffic: FindTraffic, rate: float, *, again: bool = False
) -> tuple[tuple[Dependency, ...], tuple[str, ...]]:
    """Start the application, find its requests, send each once, and see where it connects past the proxy.

    When there is nothing more to redirect, or this is the second time, learn what there is to know about it.
    """
    async with lab.session() as session:
        traffic = await find_traffic(lab.base_url)
        lab.requests, lab.beyond, lab.health_path = traffic.requests, traffic.beyond, traffic.health_path
        lab.aims, lab.unasked = traffic.aims, traffic.unasked
        check = RequestSpec(method="GET", path=lab.health_path, name=HEALTH)
        asked = (*lab.requests, check) if lab.health_path else lab.requests
        player = Player(lab.base_url, asked, limit_s=lab.pace.patience_s)
        try:
            for each in asked:
                await player.answer(each.name)
            more, notices = _past(lab, facts(lab.leading.report), session.app.tree())
            if again or not more:
                await _learn(lab, player, [each.name for each in asked], rate)
        finally:
            player.close()
    return more, (*traffic.notices, *notices)


def _past(lab: Lab, told: Iterable[Fact], pids: Iterable[int]) -> tuple[tuple[Dependency, ...], tuple[str, ...]]:
    """Say which connections went past the proxy: those that can be redirected, and words about the others."""
    own = {urlsplit(lab.base_url).port, *lab.leading.ports.values()}
    known = {(loopback(each.host), each.port) for each in lab.leading.dependencies}
    more: dict[tuple[str, int], Dependency] = {}
    notices: dict[str, None] = {}
    for fact in told:
        place = (loopback(fact.host), fact.port)
        if fact.redirected or fact.port in own:
            continue
        if fact.via.endswith("(Unix socket)"):
            hint = "give it a host (127.0.0.1) to put it to the test"
            notices[f"{fact.via} at {fact.where or 'an unknown place'} does not pass through the proxy: {hint}"] = None
        elif place[0] != "127.0.0.1":
            notices[f"{fact.host}:{fact.port} ({fact.where}) is beyond this machine and is not put to the test"] = None
        elif place not in known:
            kind = "postgresql" if fact.via.startswith("psycopg") else ""
            more[place] = seen_connecting(place[0], fact.port, fact.where, kind)
    for port in _connected(pids) - own - {port for _, port in (*more, *known)}:
        notices[f"it talks to 127.0.0.1:{port} past the proxy: read that address from an environment variable"] = None
    return merged(more.values()), tuple(notices)


def _connected(pids: Iterable[int]) -> set[int]:
    """Find the ports of this machine to which these processes have connections of their own."""
    listening, ports = set(), set()
    for pid in pids:
        with contextlib.suppress(psutil.Error, OSError):
            for each in psutil.Process(pid).net_connections(kind="tcp"):
                if each.status == psutil.CONN_LISTEN:
                    listening.add(each.laddr.port)
                elif each.status == psutil.CONN_ESTABLISHED and loopback(each.raddr.ip) == "127.0.0.1":
                    ports.add((each.laddr.port, each.raddr.port))
    return {remote for local, remote in ports if local not in listening and remote not in listening}


async def _learn(lab: Lab, player: Player, asked: Iterable[str], rate: float) -> None:
    """Learn which endpoint makes how many round trips to which dependency, and how much the application carries."""
    touches = {name: await _touched(lab, player, name) for name in asked}
    lab.health_touches = touches.pop(HEALTH, {})
    lab.touches = touches
    burst = await player.burst(lab.names, USERS, BURST_S)
    lab.knee = round(sum(each.ok for each in burst.samples) / BURST_S, 1)
    lab.rate = rate or min(MOST_RATE, max(LEAST_RATE, round(lab.knee * SHARE_OF_KNEE, 1)))


async def _touched(lab: Lab, player: Player, name: str) -> dict[str, float]:
    await player.answer(name)
    before = _flights(lab)
    for _ in range(ASKS):
        await player.answer(name)
    return {key: round((count - before[key]) / ASKS, 1) for key, count in _flights(lab).items() if count > before[key]}


def _flights(lab: Lab) -> dict[str, int]:
    return {each.upstream: each.flights_up for each in lab.proxy.counts()} if lab.proxy else {}
