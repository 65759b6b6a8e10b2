"""What all users of a locustfile have in common while it runs: the file, its classes, its events."""

import asyncio
import random
from collections.abc import Iterator
from typing import Any

from nineam.load.collector import Collector
from nineam.load.journeys import describe_problem
from nineam.load.locust.hooks import EVENTS
from nineam.load.locust.seat import Seat
from nineam.load.outgoing import Outgoing
from nineam.load.response import Response
from nineam.load.roles import Surroundings

CACHED_REQUESTS = 4096
LONGEST_REASON = 200
QUIET_S = 0.1  # without a new user: then all have been spawned, for now


class World:
    """Gives seats their class, builds requests for the target, counts what the file reports itself."""

    def __init__(self, surroundings: Surroundings, classes: tuple[Any, ...], environment: Any, file: str) -> None:
        self.surroundings = surroundings
        self.classes = classes
        self.environment = environment
        self.file = file
        self.seats: set[Seat] = set()
        self.listening = bool(EVENTS.request.listeners)
        self.early: list[BaseException] = []  # problems from before there was a phase to count them in
        self._hosts = tuple({str(each.host).rstrip("/") for each in classes if each.host})
        self._deal = deal(classes)
        self._dealt: list[Any] = []
        self._spawned = asyncio.get_running_loop().call_soon(lambda: None)
        self._known: dict[tuple[str, str, str], Outgoing] = {}

    def seat(self, number: int, around: Surroundings) -> Seat:
        """Make a seat."""
        seat = Seat(self, around, number)
        self.seats.add(seat)
        while self.early:
            self.problem(self.early.pop())
        if EVENTS.spawning_complete.listeners:
            self._spawned.cancel()
            self._spawned = asyncio.get_running_loop().call_later(QUIET_S, self._tell_spawned)
        return seat

    def class_of(self, number: int) -> Any:
        """Give the class of the users on a seat; numbers begin with 1."""
        while len(self._dealt) < number:
            self._dealt.append(next(self._deal))
        return self._dealt[number - 1]

    # --- requests ---

    def address(self, url: str, base_url: str) -> str:
        """Give an address on the target: what the file calls its host is the target."""
        if "://" not in url[:8]:
            if base_url == self.environment.host or base_url in self._hosts:
                return url
            url = base_url + url
        for host in (*self._hosts, self.environment.host):
            if url == host or url.startswith((f"{host}/", f"{host}?")):
                return url[len(host) :] or "/"
        return url

    def plain(self, method: str, url: str, name: str) -> Outgoing:
        """Give a request that is nothing but a method and an address; it is built once."""
        found = self._known.get((method, url, name))
        if found is None:
            if len(self._known) >= CACHED_REQUESTS:
                self._known.clear()
            found = self._known[method, url, name] = self.build(method, url, [], name)
        return found

    def build(self, method: str, url: str, params: list[tuple[str, Any]], name: str) -> Outgoing:
        """Build a request without headers and body; a name of the file's own is kept as it is."""
        built = self.surroundings.client.build(method, url, params=params or None)
        if name:
            self.surroundings.client.rename(built, f"{method} {name}")
        return built

    def next_hop(self, response: Response) -> Outgoing | None:
        """Build the request that a redirect asks for; None when it leads elsewhere."""
        asked, client = response.outgoing, self.surroundings.client
        location = response.headers.get("location", "")
        url = client.target.reached(asked.url, location) if location else None
        if url is None:
            return None
        keeps = response.status in (307, 308) or asked.method in ("GET", "HEAD")
        return client.follow(asked, asked.method if keeps else "GET", url, asked.body if keeps else b"")

    # --- what is told ---

    def reason(self, error: BaseException) -> str:
        """Give the reason for a failed request in one line."""
        text = str(error).partition("\n")[0][:LONGEST_REASON]
        return text or type(error).__name__

    def problem(self, error: BaseException, collector: Collector | None = None) -> None:
        """Count a bug in the file."""
        (collector or self.surroundings.collector).problem(*describe_problem(error, self.file))

    def tell(self, meta: dict[str, Any]) -> None:
        """Tell listeners about a request."""
        EVENTS.request.tell(meta)

    def tell_error(self, instance: Any, error: BaseException) -> None:
        """Tell listeners about an error in a task."""
        EVENTS.user_error.fire(user_instance=instance, exception=error, tb=error.__traceback__)

    def _tell_spawned(self) -> None:
        EVENTS.spawning_complete.fire(user_count=len(self.seats))

    def seed(self, shard: int) -> None:
        """Make what the file draws from `random` itself the same from run to run."""
        random.seed(f"{self.surroundings.seed}/{shard}")


def deal(classes: tuple[Any, ...]) -> Iterator[Any]:
    """Deal out the user classes: fixed counts first, then the class that is furthest behind its weight."""
    weighted = [each for each in classes if not each.fixed_count]
    fixed = {each: int(each.fixed_count) for each in classes if each.fixed_count}
    yield from _smoothly(fixed, sum(fixed.values()))
    weights = {each: float(each.weight) for each in weighted} or {each: float(each.fixed_count) for each in classes}
    while True:
        yield from _smoothly(weights, 1_000_000)


def _smoothly(weights: dict[Any, Any], count: int) -> Iterator[Any]:
    owed = dict.fromkeys(weights, 0.0)
    total = sum(weights.values())
    for _ in range(count):
        for each, weight in weights.items():
            owed[each] += weight
        chosen = max(owed, key=owed.__getitem__)
        owed[chosen] -= total
        yield chosen
