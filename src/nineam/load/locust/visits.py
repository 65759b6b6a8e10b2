"""What a polite user goes through: every task of every user class once, whatever its weight."""

from typing import Any, NamedTuple

from nineam.load.locust.exceptions import InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately
from nineam.load.locust.orders import SequentialTaskSet
from nineam.load.locust.tasks import Task, TaskSet, execute, is_set


class Visit(NamedTuple):
    """One task: `sets` are the task sets it is nested in. A sequential set is one task, since its order matters."""

    user_class: type
    sets: tuple[type[TaskSet], ...]
    leaf: Task

    def perform(self, user: Any, entered: dict[Any, Any]) -> None:
        """Run it; the sets on the way are entered once and kept in `entered`."""
        owner = user
        for depth, each in enumerate(self.sets):
            path = self.sets[: depth + 1]
            if path not in entered:
                entered[path] = each(owner)
                entered[path].on_start()
            owner = entered[path]
        run_once(self.leaf, owner)


def visits(user_class: Any) -> list[Visit]:
    """List the visits of a user class."""
    return _below(user_class, user_class.tasks, ())


def run_once(task: Task, owner: Any) -> None:
    """Run a task; of a task set each task once, in order."""
    try:
        if not is_set(task):
            execute(task, owner)
            return
        entered = task(owner)
        entered.on_start()
        try:
            for each in dict.fromkeys(entered.tasks):
                run_once(each, entered)
        finally:
            entered.on_stop()
    except (RescheduleTask, RescheduleTaskImmediately):
        return
    except InterruptTaskSet:
        if isinstance(owner, SequentialTaskSet):
            raise


def _below(user_class: type, tasks: Any, sets: tuple[type[TaskSet], ...]) -> list[Visit]:
    found: list[Visit] = []
    for each in dict.fromkeys(tasks):
        if is_set(each) and not issubclass(each, SequentialTaskSet):
            found += _below(user_class, each.tasks, (*sets, each))
        else:
            found.append(Visit(user_class, sets, each))
    return found
