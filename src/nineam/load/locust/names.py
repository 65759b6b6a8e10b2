"""The modules that a locustfile imports: `locust`, what is below it, and `gevent`."""

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import greenlet

from nineam.errors import nearest
from nineam.load.locust import environment, exceptions, gevents, hooks, orders, shapes, strands, tasks, waits
from nineam.load.locust.answers import Answer
from nineam.load.locust.exceptions import NotOfferedError
from nineam.load.locust.placeholders import PLACEHOLDERS, Placeholder
from nineam.load.locust.session import Session
from nineam.load.locust.totals import Entry, Stats
from nineam.load.locust.user_classes import FastHttpUser, HttpUser, User

VERSION = "2.0"
LOCUST, GEVENT = "locust", "gevent"

WAITS = {name: getattr(waits, name) for name in ("between", "constant", "constant_pacing", "constant_throughput")}
TASKS = {"TaskSet": tasks.TaskSet, "task": tasks.task, "tag": tasks.tag, "DefaultTaskSet": tasks.Root}
SEQUENTIAL = {"SequentialTaskSet": orders.SequentialTaskSet}
MARKOV = {name: getattr(orders, name) for name in ("MarkovTaskSet", "transition", "transitions")}
USERS = {"User": User, "HttpUser": HttpUser, "FastHttpUser": FastHttpUser}
SESSIONS = {"HttpSession": Session, "ResponseContextManager": Answer, "LocustResponse": Answer}
FAST = {
    "FastHttpUser": FastHttpUser,
    "FastHttpSession": Session,
    "FastResponse": Answer,
    "ResponseContextManager": Answer,
    "RestResponseContextManager": Answer,
}
RUNNERS = {name: getattr(environment, name) for name in ("Runner", "LocalRunner", "MasterRunner", "WorkerRunner")}
STATES = {f"STATE_{name.upper()}": name for name in environment.STATES}
SPAWNING = {
    "sleep": strands.sleep,
    "spawn": gevents.Greenlet.spawn,
    "spawn_later": gevents.spawn_later,
    "joinall": gevents.joinall,
    "killall": gevents.killall,
    "wait": gevents.joinall,
    "getcurrent": greenlet.getcurrent,
    "Greenlet": gevents.Greenlet,
    "GreenletExit": strands.Left,
}
LOCKS = dict.fromkeys(("Semaphore", "BoundedSemaphore", "RLock"), gevents.Semaphore)
ALL_EXCEPTIONS = {name: each for name, each in vars(exceptions).items() if isinstance(each, type)}

MODULES: dict[str, dict[str, Any]] = {
    "locust": {
        **WAITS,
        **TASKS,
        **SEQUENTIAL,
        **MARKOV,
        **USERS,
        "events": hooks.EVENTS,
        "LoadTestShape": shapes.LoadTestShape,
        "run_single_user": gevents.nothing,
        "__version__": VERSION,
    },
    "locust.user": {**USERS, **TASKS, **WAITS, **SEQUENTIAL, **MARKOV},
    "locust.user.users": USERS,
    "locust.user.task": TASKS,
    "locust.user.sequential_taskset": SEQUENTIAL,
    "locust.user.markov_taskset": MARKOV,
    "locust.user.wait_time": WAITS,
    "locust.wait_time": WAITS,
    "locust.contrib": {},
    "locust.contrib.fasthttp": FAST,
    "locust.clients": SESSIONS,
    "locust.event": {"EventHook": hooks.EventHook, "Events": hooks.Events},
    "locust.exception": ALL_EXCEPTIONS,
    "locust.env": {"Environment": environment.Environment},
    "locust.runners": {**RUNNERS, **STATES},
    "locust.shape": {"LoadTestShape": shapes.LoadTestShape},
    "locust.stats": {"RequestStats": Stats, "StatsEntry": Entry},
    "locust.log": {"setup_logging": gevents.nothing},
    "locust.debug": {"run_single_user": gevents.nothing},
    "locust.argument_parser": {"LocustArgumentParser": environment.ArgumentParser},
    "locust.util": {},
    "locust.util.timespan": {},
    "gevent": SPAWNING,
    "gevent.pool": {"Pool": gevents.Pool, "Group": gevents.Pool},
    "gevent.lock": LOCKS,
    "gevent.event": {"Event": gevents.Event},
    "gevent.monkey": {"patch_all": gevents.nothing},
    "gevent.greenlet": {"Greenlet": gevents.Greenlet},
}


class Module(ModuleType):
    """A module of ours under another's name; what it does not have, it says so."""

    def __init__(self, name: str, contents: dict[str, Any]) -> None:
        super().__init__(name, "A part of Locust or gevent, as nineam offers it.")
        self.__path__: list[str] = []
        vars(self).update(contents)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in PLACEHOLDERS.get(self.__name__, ()):
            return Placeholder(f"{self.__name__}.{name}")
        close = nearest(name, vars(self))
        raise NotOfferedError(f"{self.__name__}.{name}", f"did you mean {close}?" if close else "")


def modules() -> dict[str, ModuleType]:
    """Make the modules, by full name."""
    made: dict[str, ModuleType] = {name: Module(name, dict(contents)) for name, contents in MODULES.items()}
    for name, module in made.items():
        above, _, last = name.rpartition(".")
        if above and last not in vars(made[above]):
            setattr(made[above], last, module)
    return made


def install() -> dict[str, ModuleType | None]:
    """Put the modules in the place of Locust's and gevent's; gives what was there."""
    ours = modules()
    before: dict[str, ModuleType | None] = {
        name: module for name, module in sys.modules.items() if name.partition(".")[0] in (LOCUST, GEVENT)
    }
    for name in before:
        del sys.modules[name]
    sys.modules.update(ours)
    return before


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Put the modules in place for a while; the path for imports is restored as well."""
    path, before = list(sys.path), install()
    try:
        yield
    finally:
        sys.path[:] = path
        for name in [name for name in sys.modules if name.partition(".")[0] in (LOCUST, GEVENT)]:
            del sys.modules[name]
        sys.modules.update({name: module for name, module in before.items() if module is not None})
