"""What the executor and the users of one scenario have around them."""

from collections.abc import Collection, Iterable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any, cast

from nineam.load import failures, schedule
from nineam.load.choosing import chosen
from nineam.load.collector import Collector
from nineam.load.response import Response
from nineam.load.roles import VirtualUser
from nineam.load.schedule import Part
from nineam.model import Scenario

if TYPE_CHECKING:
    from nineam.load.engine import Engine


class Scene:
    """The engine as one scenario sees it: with an end of its own, and a collector that knows whose requests these are.

    Raises `UsageError` when the scenario names something that does not exist.
    """

    def __init__(self, engine: "Engine", scenario: Scenario, collector: Collector, kinds: Iterator[str]) -> None:
        self.client, self.shared_lane, self.alarm = engine.client, engine.shared_lane, engine.alarm
        self.collector = collector
        self.journeys_file, self.seed, self.part = engine.journeys_file, engine.seed, engine.part
        self.items, self.tape_file = engine.source.items, engine.tape_file
        self.ending = False
        self.kinds = kinds
        self._engine = engine
        self._scenario = scenario
        self._chosen = chosen(engine.source, scenario)
        self._exit: Scene | None = None

    def draws(self, part: Part | None = None) -> schedule.Weighted[Any]:
        """Make the draw of the requests or journeys that the scenario runs, the same for the same seed.

        With a `part`, draw number i belongs to line number i of the whole schedule, whichever process that is for.
        """
        if part is None:
            return schedule.Weighted(*self._chosen, self.choice("what"))
        return schedule.Weighted(*self._chosen, schedule.source(self.seed, self._scenario.name, "what"), part)

    def choice(self, purpose: str) -> Random:
        """Give a random source for a purpose; with several load processes, each has its own."""
        own = (self.part.shard,) if self.part.shards > 1 else ()
        return schedule.source(self.seed, self._scenario.name, purpose, *own)

    def user(self) -> VirtualUser[Any]:
        """Give an idle user of the kind whose turn it is, a new one when there is none."""
        return self.user_of(next(self.kinds))

    def user_of(self, kind: str) -> VirtualUser[Any]:
        """Give an idle user of a kind, a new one when there is none."""
        user = self._engine.user(kind)
        self.welcome(user)
        return user

    def visitor(self) -> VirtualUser[Any]:
        """Give a new user of the kind whose turn it is, who has nothing in common with any other."""
        user = self._engine.visitor(next(self.kinds))
        self.welcome(user)
        return user

    def take_back(self, users: list[VirtualUser[Any]]) -> None:
        """Keep users for what comes next."""
        self._engine.take_back(users)

    def welcome(self, user: VirtualUser[Any]) -> None:
        """Let a user be here, for the first time or after it was evicted."""
        user.move(self._engine.wardrobe.around(user, self))

    def dropped(self, iterations: int) -> None:
        """Count iterations that were due and never began."""
        self._engine.collector.dropped_iterations += iterations

    def evict(self, users: Collection[VirtualUser[Any]]) -> None:
        """End the iterations of some users, and what they have in flight; they can send nothing until welcome."""
        if self._exit is None:
            self._exit = Scene(self._engine, self._scenario, self.collector, self.kinds)
            self._exit.ending = True
        for user in users:
            self._exit.welcome(user)
        self.client.interrupt_users(users, failures.INTERRUPTED)
        for user in users:
            user.cancel()


class Tagged:
    """Stands in for the collector: counts what a scenario does once for all and once for each of its tags."""

    def __init__(self, collector: Collector, tags: Collection[tuple[str, str]]) -> None:
        self._collector = collector
        self._labels = tuple(dict.fromkeys(f"{{{key}:{value}}}" for key, value in tags))
        self._durations: list[int] = []
        self._iterations: list[int] = []
        self._failed = 0
        self.started = collector.started

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collector, name)

    def record(self, response: Response) -> None:
        """Count a request that has ended."""
        self._collector.record(response)
        self._durations.append(max(0, response.end_ns - response.intended_ns) // 1000)
        self._failed += response.failed

    def tagged(self, milliseconds: float, failed: bool, tags: Iterable[tuple[str, object]]) -> None:
        """Count a request under its own tags; those that it shares with the scenario are counted by `record`."""
        own = [(key, value) for key, value in tags if f"{{{key}:{value}}}" not in self._labels]
        self._collector.tagged(milliseconds, failed, own)

    def finished(self, duration_us: int) -> None:
        """Count an iteration that ended by itself."""
        self._collector.finished(duration_us)
        self._iterations.append(duration_us)

    def flush(self) -> None:
        """Hand over what was counted for the tags."""
        requests, failed, counts = len(self._durations), self._failed, self._collector
        for label in self._labels:
            if requests:
                counts.durations(f"http_req_duration{label}", self._durations)
                counts.rates(f"http_req_failed{label}", failed, requests - failed)
            if self._iterations:
                counts.durations(f"iteration_duration{label}", self._iterations)
        self._durations.clear()
        self._iterations.clear()
        self._failed = 0


def tagged(collector: Collector, scenario: Scenario) -> Collector:
    """Give a collector that also counts under the scenario's name and tags."""
    return cast("Collector", Tagged(collector, (("scenario", scenario.name), *scenario.tags)))
