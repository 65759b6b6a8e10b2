"""`events`: what a locustfile listens to, and what it reports itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nineam.errors import nearest
from nineam.load.locust.exceptions import (
    InterruptTaskSet,
    NotOfferedError,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopUser,
)

FIRED = (
    "init_command_line_parser",
    "init",
    "test_start",
    "spawning_complete",
    "request",
    "user_error",
    "test_stopping",
    "test_stop",
    "quitting",
    "quit",
)
SILENT = (
    "report_to_master",
    "worker_report",
    "worker_connect",
    "reset_stats",
    "cpu_warning",
    "heartbeat_sent",
    "heartbeat_received",
    "usage_monitor",
)
CONTROL = (StopUser, RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet)


class EventHook:
    """Something that happens; listeners are called with keyword arguments."""

    def __init__(self) -> None:
        self.listeners: list[Callable[..., Any]] = []

    def add_listener(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Call a function when it happens; fit for a decorator."""
        self.listeners.append(handler)
        return handler

    def remove_listener(self, handler: Callable[..., Any]) -> None:
        """Call a function no more."""
        self.listeners.remove(handler)

    def fire(self, *, reverse: bool = False, **told: Any) -> None:
        """Call all listeners; what one raises is counted as a problem of the file."""
        for handler in list(reversed(self.listeners) if reverse else self.listeners):
            try:
                handler(**told)
            except CONTROL:
                raise
            except Exception as error:  # noqa: BLE001 - a bug in a listener ends nothing
                EVENTS.problem(error)

    @contextmanager
    def measure(
        self, request_type: str, name: str, response_length: int = 0, context: Any = None
    ) -> Iterator[dict[str, Any]]:
        """Report what is done inside of the `with` as a request; one that raises has failed."""
        began = time.perf_counter()
        meta: dict[str, Any] = {
            "request_type": request_type,
            "name": name,
            "response_length": response_length,
            "context": context or {},
            "exception": None,
            "start_time": time.time(),
        }
        try:
            yield meta
        except Exception as error:  # noqa: BLE001 - it is reported
            meta["exception"] = error
        finally:
            meta["response_time"] = (time.perf_counter() - began) * 1000
            self.fire(**meta)


class RequestHook(EventHook):
    """Requests. What a file reports by `fire` is counted like a request of our own."""

    def fire(self, *, reverse: bool = False, **told: Any) -> None:
        """Count a request that the file made in its own way, and tell listeners."""
        EVENTS.count(told)
        super().fire(reverse=reverse, **told)

    def tell(self, told: dict[str, Any]) -> None:
        """Tell listeners about a request that is counted."""
        super().fire(**told)


class Outcome(EventHook):
    """`request_success` or `request_failure` of older files: a part of `request`."""

    def __init__(self, request: RequestHook, *, failed: bool) -> None:
        super().__init__()
        self._request = request
        self._failed = failed

    def add_listener(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Call a function for requests with this outcome."""

        def listen(**told: Any) -> None:
            if (told["exception"] is not None) == self._failed:
                known = ("request_type", "name", "response_time", "response_length", "exception")
                handler(**{name: told[name] for name in known if self._failed or name != "exception"})

        self._request.add_listener(listen)
        return handler

    def fire(self, *, reverse: bool = False, **told: Any) -> None:
        """Report a request."""
        self._request.fire(reverse=reverse, **{"exception": None, "response_length": 0, **told})


class Events:
    """All hooks by name. `problem` and `count` are put in place by whoever runs the file."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all listeners."""
        for name in (*FIRED, *SILENT):
            setattr(self, name, RequestHook() if name == "request" else EventHook())
        self.request_success = Outcome(self.request, failed=False)
        self.request_failure = Outcome(self.request, failed=True)
        self.problem: Callable[[BaseException], None] = _nothing
        self.count: Callable[[dict[str, Any]], None] = _nothing

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        close = nearest(name, FIRED)
        raise NotOfferedError(f"events.{name}", f"did you mean events.{close}?" if close else "")


def _nothing(_: Any) -> None:
    pass


EVENTS = Events()
