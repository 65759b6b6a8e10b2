"""Tasks and task sets, as Locust has them: `@task`, `@tag`, nesting, and the order they run in."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nineam.load.locust import strands
from nineam.load.locust.exceptions import (
    InterruptTaskSet,
    LocustError,
    MissingWaitTimeError,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopUser,
)

Task = Any  # a function of the user (or task set), or a subclass of TaskSet

WEIGHT = "locust_task_weight"
MILLISECONDS = 1000.0
MOST_TIMES = 10_000


def task(weight: Any = 1) -> Any:
    """Mark a method or a nested task set as a task; the number is its weight among its siblings."""

    def mark(marked: Any) -> Any:
        setattr(marked, WEIGHT, 1 if callable(weight) else _times(weight))
        return marked

    return mark(weight) if callable(weight) else mark


def tag(*tags: str) -> Callable[[Any], Any]:
    """Give a task, or all tasks of a set, these tags. Raises `ValueError` without a name."""
    if not tags or callable(tags[0]):
        raise ValueError("@tag needs a name: @tag('slow')")

    def mark(marked: Any) -> Any:
        for each in getattr(marked, "tasks", [marked]):
            each.locust_tag_set = getattr(each, "locust_tag_set", set()) | set(tags)
        return marked

    return mark


def collect(owner: type) -> list[Task]:
    """List the tasks of a class, inherited ones first, each as often as it weighs."""
    found = [each for base in owner.__bases__ for each in getattr(base, "tasks", None) or ()]
    listed = vars(owner).get("tasks") or ()
    found += _repeated(listed.items() if isinstance(listed, Mapping) else listed)
    for value in vars(owner).values():
        found += [value] * getattr(value, WEIGHT, 0)
    return found


def is_set(candidate: Task) -> bool:
    """Say whether a task is a nested set."""
    return isinstance(candidate, type) and issubclass(candidate, TaskSet)


def _times(weight: Any) -> int:
    """How often a task stands among the others. Raises `ValueError` for a number that no list could hold."""
    if not weight <= MOST_TIMES:
        raise ValueError(f"the weight of a task is {weight:g}, expected at most {MOST_TIMES:,}")
    return int(weight)


def _repeated(listed: Iterable[Any]) -> list[Task]:
    found: list[Task] = []
    for each in listed:
        one, count = each if isinstance(each, tuple) else (each, 1)
        found += [one] * _times(count)
    return found


class TaskSet:
    """Tasks that a user runs one after the other, drawn by weight, until the set is interrupted."""

    tasks: Any = []
    wait_time: Any = None
    wait_function: Any = None
    min_wait: Any = None
    max_wait: Any = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.tasks = collect(cls)

    def __init__(self, parent: Any) -> None:
        self._parent = parent
        self._user = parent.user if isinstance(parent, TaskSet) else parent
        self._task_queue: deque[Task] = deque()

    @property
    def user(self) -> Any:
        """The user who runs this."""
        return self._user

    @property
    def locust(self) -> Any:
        """The user, under its old name."""
        return self._user

    @property
    def parent(self) -> Any:
        """The set that this one is nested in, or the user."""
        return self._parent

    @property
    def client(self) -> Any:
        """The user's client."""
        return self._user.client

    @property
    def environment(self) -> Any:
        """The user's environment."""
        return self._user.environment

    def on_start(self) -> None:
        """Run before the first task."""

    def on_stop(self) -> None:
        """Run when the set is left."""

    def interrupt(self, reschedule: bool = True) -> None:
        """Leave this set."""
        raise InterruptTaskSet(reschedule)

    def schedule_task(self, task_callable: Task, first: bool = False) -> None:
        """Put a task into the queue, behind or in front of the others."""
        (self._task_queue.appendleft if first else self._task_queue.append)(task_callable)

    def get_next_task(self) -> Task:
        """Draw the next task by weight. Raises `LocustError` when there is none."""
        return draw(self.tasks, self._user, self)

    def execute_next_task(self) -> None:
        """Run the first task of the queue."""
        self.execute_task(self._task_queue.popleft())

    def execute_task(self, task: Task) -> None:
        """Run a task."""
        execute(task, self)

    def wait(self) -> None:
        """Wait as long as `wait_time` says."""
        seconds = seconds_to_wait(self)
        if seconds > 0:
            self._sleep(seconds)

    def _sleep(self, seconds: float) -> None:
        strands.sleep(seconds)

    def run(self) -> None:
        """Run tasks until the set is interrupted or the user leaves."""
        try:
            self.on_start()
        except InterruptTaskSet as interrupt:
            raise _after(interrupt) from interrupt
        while True:
            try:
                self._round()
            except InterruptTaskSet as interrupt:
                self._guarded_stop()
                raise _after(interrupt) from interrupt
            except (StopUser, strands.Left):
                self._guarded_stop()
                raise

    def _round(self) -> None:
        seat, wait = self._user.seat, self.wait
        try:
            if not self._task_queue:
                self.schedule_task(self.get_next_task())
            self.execute_next_task()
        except (InterruptTaskSet, StopUser, strands.Left):
            raise
        except RescheduleTaskImmediately:
            seat.over(None)
        except strands.Ended:
            seat.cut_off()
        except RescheduleTask:
            seat.over(wait)
        except Exception as error:  # noqa: BLE001 - a bug in a task ends the iteration, never the load
            seat.problem(error, self)
            seat.over(wait)
        else:
            seat.over(wait)

    def _guarded_stop(self) -> None:
        try:
            self.on_stop()
        except (StopUser, strands.Left):
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._user.seat.problem(error, self)


class Root(TaskSet):
    """The outermost set: the tasks of the user itself."""

    def get_next_task(self) -> Task:
        """Draw among the user's tasks."""
        return draw(self._user.tasks, self._user, self._user)

    def execute_task(self, task: Task) -> None:
        """Run a task with the user."""
        execute(task, self._user)

    def wait(self) -> None:
        """Wait as the user does."""
        self._user.wait()


def draw(tasks: Any, user: Any, owner: Any) -> Task:
    """Draw a task. Raises `LocustError` when there is none."""
    if not tasks:
        raise LocustError(f"{type(owner).__name__} has no tasks: use @task, or set `tasks`")
    return user.random.choice(tasks)


def execute(task: Task, owner: Any) -> None:
    """Run one task of a user or a set."""
    if is_set(task):
        task(owner).run()
    elif getattr(task, "__self__", None) is owner:
        task()
    else:
        task(owner)


def seconds_to_wait(owner: Any) -> float:
    """Ask a user or a set how long to wait. Raises `MissingWaitTimeError` when it cannot say."""
    for each in (owner, getattr(owner, "user", owner)):
        if each.wait_time is not None:
            return float(each.wait_time())
        if each.wait_function is not None:
            return float(each.wait_function()) / MILLISECONDS
        if each.min_wait is not None and each.max_wait is not None:
            return float(owner.user.random.uniform(each.min_wait, each.max_wait)) / MILLISECONDS
    raise MissingWaitTimeError(f"{type(owner).__name__} has no wait_time")


def _after(interrupt: InterruptTaskSet) -> Exception:
    return RescheduleTaskImmediately() if interrupt.reschedule else RescheduleTask()
