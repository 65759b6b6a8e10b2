"""A virtual user of a locustfile: a seat on which the file's users sit, one of each class that is asked for."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from nineam.load import failures
from nineam.load.http import Lane
from nineam.load.locust import strands
from nineam.load.locust.exceptions import StopUser
from nineam.load.locust.session import Session
from nineam.load.locust.tasks import Root
from nineam.load.locust.visits import Visit
from nineam.load.response import Response
from nineam.load.roles import Surroundings, nobody

if TYPE_CHECKING:
    from nineam.load.locust.answers import Answer
    from nineam.load.locust.world import World

STUBBORN = 1000  # times that code may go on after it was told that the iteration is over
LOOK_EVERY_S = 0.005

clock = time.perf_counter_ns


class Seat:
    """Runs one task per iteration, in a strand; the wait time follows the iteration and is no part of it.

    `late_ns` is how late the iteration began: its first request counts from the instant it was meant for.
    """

    def __init__(self, world: "World", stage: Surroundings, number: int) -> None:
        self.world = world
        self.stage = stage
        self.id = number
        self.finished: Callable[[Any, bool], None] = nobody
        self.random = Random(f"{stage.seed}/user/{number}")  # noqa: S311 - draws of tasks, no secrets
        self.uncounted: list[Answer] = []
        self.late_ns = self.sent = self.last_status = 0
        self._began = self._sent_before = self._told = 0
        self._busy = self._closed = self._waited = self._bug = self._interrupted = False
        self._lives: dict[type, strands.Strand] = {}
        self._going: dict[strands.Strand, strands.Resume] = {}
        self._strands: set[strands.Strand] = set()
        self._guests: dict[type, tuple[Any, dict[Any, Any]]] = {}
        self._lanes: list[Lane] = []

    # --- what an executor calls ---

    def move(self, engine: Surroundings) -> None:
        """Be in other surroundings from now on."""
        self.stage = engine

    def run(self, item: Any, intended_ns: int) -> None:
        """Begin one iteration: of the class that this seat is for, of a given class, or one visit."""
        self._began = now = clock()
        self.late_ns = max(0, now - intended_ns)
        self.last_status, self._sent_before, self._told = 200, self.sent, 0
        self._busy, self._waited, self._bug, self._interrupted = True, False, False, False
        self.stage.collector.started(self.late_ns // 1000)
        if isinstance(item, Visit):
            self.adopt(strands.Strand(partial(self._visit, item), self, self._tell_finished)).start()
            return
        user_class = item or self.world.class_of(self.id)
        life = self._lives.get(user_class)
        going_on = self._going.pop(life, None) if life is not None else None
        if going_on is not None:
            going_on(None)
        else:
            self._lives[user_class] = strands.Strand(partial(self._live, user_class), self)
            self.adopt(self._lives[user_class]).start()

    def cancel(self) -> None:
        """End the iteration, unless it waits for an answer: then it ends with that."""
        if self._busy:
            for strand in self._strands - self._going.keys():
                strand.end()

    def shut_out(self) -> None:
        """Send nothing, ever again."""
        self._closed = True
        self.rest()
        self.world.seats.discard(self)

    async def close(self) -> None:
        """Let the users do what they do when they stop, then leave."""
        for strand in list(self._strands):
            strand.end(strands.Left)
        if self._guests:
            self.adopt(strands.Strand(self._see_guests_off, self)).start()
        while any(not strand.dead for strand in self._strands):
            await asyncio.sleep(LOOK_EVERY_S)
        self.shut_out()

    def rest(self) -> None:
        """Close idle connections while this user is not needed."""
        for lane in self._lanes:
            lane.close()

    # --- what happens inside of a strand ---

    def adopt(self, strand: strands.Strand) -> strands.Strand:
        """Let a strand end with the iteration."""
        self._strands = {each for each in self._strands if not each.dead} | {strand}
        return strand

    def lane(self) -> Lane:
        """Make a connection lane for a session."""
        self._lanes.append(self.stage.client.lane())
        return self._lanes[-1]

    def drop(self, lane: Lane) -> None:
        """Close a lane that is needed no more."""
        self._lanes.remove(lane)
        lane.close()

    def check(self) -> None:
        """Raise `Ended` when the iteration must not go on."""
        if self.stage.ending or self._closed:
            self._told += 1
            if self._told > STUBBORN:  # it catches everything, and would never let go of the loop
                strands.wait(lambda _: None)
            raise strands.Ended

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        self.check()
        self.late_ns, self._waited = 0, True
        strands.wait(partial(self.stage.alarm.at, clock() + round(max(0.0, seconds) * 1e9)))

    def over(self, wait: Callable[[], None] | None) -> None:
        """End the iteration, wait, and go on when the next one is due."""
        self._count_iteration()
        if wait is not None:
            try:
                wait()
            except strands.Left:
                raise
            except strands.Ended:
                self._told = 0
            except Exception as error:  # noqa: BLE001 - a bug in wait_time ends nothing
                self.problem(error, None)
        self._next()

    def cut_off(self) -> None:
        """End an iteration that was not finished, and go on when the next one is due."""
        self._settle()
        self._next()

    def problem(self, error: BaseException, instance: Any) -> None:
        """Count a bug in the file; `instance` is whose it is."""
        self._bug = True
        self.world.problem(error, self.stage.collector)
        if instance is not None:
            self.world.tell_error(instance, error)

    def count(self, response: Response) -> None:
        """Count a request that has ended."""
        self.stage.collector.record(response)

    def answered(self, response: Response) -> None:
        """Take an answer in, on the loop's side."""
        session, resume = response.waiter
        self.last_status = response.status
        self._interrupted = self._interrupted or response.error == failures.INTERRUPTED
        session.keep_cookies(response)
        resume(None)

    # --- inside ---

    def _live(self, user_class: type) -> None:
        """Be users of a class, one after the other, until the seat leaves."""
        while True:
            user: Any = None
            try:
                user = user_class(self.world.environment)
                user.on_start()
                Root(user).run()
            except strands.Left:
                self._say_goodbye(user)
                return
            except strands.Ended:
                self._forget(user)
                self.cut_off()
            except StopUser:
                self._say_goodbye(user)
                self.over(None)
            except Exception as error:  # noqa: BLE001 - a bug in on_start ends the iteration, never the load
                self.problem(error, user)
                self._forget(user)
                self.over(None)

    def _visit(self, visit: Visit) -> None:
        """Run a visit, by a guest who is kept for further visits of its class."""
        try:
            if visit.user_class not in self._guests:
                guest: Any = visit.user_class(self.world.environment)
                guest.on_start()
                self._guests[visit.user_class] = guest, {}
            visit.perform(*self._guests[visit.user_class])
        except StopUser:
            self._say_goodbye(self._guests.pop(visit.user_class, (None, None))[0])
        except strands.Ended:
            self._settle()
            return
        except Exception as error:  # noqa: BLE001 - as above
            self.problem(error, None)
        self._count_iteration()

    def _see_guests_off(self) -> None:
        for guest, entered in self._guests.values():
            for each in reversed(entered.values()):
                self._guarded(each.on_stop)
            self._say_goodbye(guest)
        self._guests.clear()

    def _say_goodbye(self, user: Any) -> None:
        if user is not None:
            self._guarded(user.on_stop)
            self._forget(user)

    def _forget(self, user: Any) -> None:
        self._settle()
        if isinstance(getattr(user, "client", None), Session):
            user.client.close()

    def _guarded(self, function: Callable[[], Any]) -> None:
        try:
            function()
        except (strands.Ended, StopUser):
            pass
        except Exception as error:  # noqa: BLE001 - as above
            self.problem(error, None)

    def _count_iteration(self) -> None:
        self._settle()
        if not self._interrupted:
            self.stage.collector.finished((clock() - self._began) // 1000)

    def _settle(self) -> None:
        """Count what was caught and never looked at."""
        while self.uncounted:
            self.uncounted[0].settle()

    def _next(self) -> None:
        if not self._waited and self.sent == self._sent_before:  # others must have their turn
            strands.wait(lambda resume: asyncio.get_running_loop().call_soon(resume, None) and None)
        life = strands.current()
        assert life is not None
        life.wait(partial(self._done, life))

    def _done(self, life: strands.Strand, resume: strands.Resume) -> None:
        self._going[life] = resume
        self._tell_finished()

    def _tell_finished(self) -> None:
        self._busy = False
        nothing = self._bug and self.sent == self._sent_before
        self.finished(self, nothing or self.last_status == 0)
