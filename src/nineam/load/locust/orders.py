"""Task sets that follow an order of their own: `SequentialTaskSet` and `MarkovTaskSet`."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nineam.load.locust.exceptions import LocustError
from nineam.load.locust.tasks import Task, TaskSet

TRANSITIONS = "nineam_transitions"


class SequentialTaskSet(TaskSet):
    """Runs its tasks in the order they are written, again and again."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        self._cycle: Iterator[Task] = itertools.cycle(self.tasks)

    def get_next_task(self) -> Task:
        """Take the next one. Raises `LocustError` when there is none."""
        if not self.tasks:
            raise LocustError(f"{type(self).__name__} has no tasks: use @task, or set `tasks`")
        return next(self._cycle)


class MarkovTaskSet(TaskSet):
    """Goes from task to task as their transitions say; begins with the first one that is written."""

    current: Any = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = [value for value in vars(cls).values() if hasattr(value, TRANSITIONS)]
        cls.tasks = list(dict.fromkeys([*cls.tasks, *own]))
        cls.current = cls.tasks[0] if cls.tasks else None

    def get_next_task(self) -> Task:
        """Give the current task and draw what follows it. Raises `LocustError` when there is nothing to go to."""
        taken = self.current
        following: dict[str, int] = getattr(taken, TRANSITIONS, {})
        if taken is None or not following:
            raise LocustError(f"{type(self).__name__}: {getattr(taken, '__name__', 'it')} has no transition")
        name = self.user.random.choices(list(following), list(following.values()))[0]
        if not hasattr(type(self), name):
            raise LocustError(f"{type(self).__name__}: transition to '{name}', which is none of its tasks")
        self.current = getattr(type(self), name)
        return taken


def transition(func_name: str, weight: int = 1) -> Callable[[Any], Any]:
    """Go from the task below to the named one."""
    return transitions({func_name: weight})


def transitions(weights: Mapping[str, int] | Sequence[Any]) -> Callable[[Any], Any]:
    """Go from the task below to one of these, by weight."""
    listed = weights.items() if isinstance(weights, Mapping) else (_pair(each) for each in weights)
    known = dict(listed)

    def mark(marked: Any) -> Any:
        setattr(marked, TRANSITIONS, {**getattr(marked, TRANSITIONS, {}), **known})
        return marked

    return mark


def _pair(each: Any) -> tuple[str, int]:
    return each if isinstance(each, tuple) else (each, 1)
