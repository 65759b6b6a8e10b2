"""`User`, `HttpUser` and `FastHttpUser`: what the users of a locustfile are subclasses of."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nineam.load.locust import strands
from nineam.load.locust.answers import Answer
from nineam.load.locust.exceptions import NotOfferedError
from nineam.load.locust.session import Session
from nineam.load.locust.tasks import collect, seconds_to_wait
from nineam.load.locust.waits import constant

JSON = "application/json"
LONGEST_TEXT = 200


class NoClient:
    """In the place of `client` where there is none."""

    def __getattr__(self, name: str) -> Any:
        raise NotOfferedError("self.client of a User", "use HttpUser or FastHttpUser, or set self.client")


class User:
    """A user without a client: its tasks run, and what they do themselves blocks all others while it lasts."""

    host: Any = None
    tasks: Any = []
    wait_time: Any = constant(0)
    wait_function: Any = None
    min_wait: Any = None
    max_wait: Any = None
    weight: Any = 1
    fixed_count: int = 0
    abstract = True
    client: Any = NoClient()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.tasks = collect(cls)
        own = vars(cls)
        cls.abstract = own.get("abstract", False)
        if "wait_time" not in own and ("wait_function" in own or {"min_wait", "max_wait"} <= own.keys()):
            cls.wait_time = None

    def __init__(self, environment: Any) -> None:
        strand = strands.current()
        self.environment = environment
        self.seat = strand.seat if strand else None
        self.random = self.seat.random if self.seat else environment.random
        self._state = "running"

    @property
    def user(self) -> "User":
        """Itself, so that tasks need not know whether they are given a user or a task set."""
        return self

    @classmethod
    def fullname(cls) -> str:
        """Give the name of the class with its module."""
        return f"{cls.__module__}.{cls.__qualname__}"

    def on_start(self) -> None:
        """Run before the first task."""

    def on_stop(self) -> None:
        """Run when the user leaves."""

    def wait(self) -> None:
        """Wait as long as `wait_time` says."""
        seconds = seconds_to_wait(self)
        if seconds > 0:
            self._sleep(seconds)

    def _sleep(self, seconds: float) -> None:
        strands.sleep(seconds)

    def context(self) -> dict[str, Any]:
        """Give what every request of this user carries for listeners."""
        return {}

    def stop(self, force: bool = False) -> None:  # noqa: ARG002 - as Locust has it
        """Stop users from outside: not offered."""
        raise NotOfferedError("user.stop()", "raise StopUser() inside a task")


class HttpUser(User):
    """A user whose `client` works like a session of `requests`."""

    abstract = True
    pool_manager: Any = None

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.client = Session(self.host or environment.host, user=self)
        self.client.trust_env = False


class FastHttpUser(User):
    """A user whose `client` works like Locust's fast client; here it is the same as that of `HttpUser`."""

    abstract = True
    network_timeout: float = 60.0
    connection_timeout: float = 60.0
    max_redirects: int = 30
    max_retries: int = 1
    insecure: bool = True
    default_headers: Any = None
    concurrency: int = 10
    proxy_host: Any = None
    proxy_port: Any = None
    client_pool: Any = None
    ssl_context_factory: Callable[..., Any] | None = None

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.client = Session(self.host or environment.host, user=self, timeout=self.network_timeout)
        self.client.max_redirects = self.max_redirects
        self.client.headers.update(self.default_headers or {})

    @contextmanager
    def rest(self, method: str, url: str, headers: Any = None, **options: Any) -> Iterator[Answer]:
        """Ask for JSON, for `with`: the answer has it as `.js`; an assertion that fails inside fails the request."""
        wanted = {"content-type": JSON, "accept": JSON} | {
            name.lower(): value for name, value in (headers or {}).items()
        }
        with self.client.request(method, url, catch_response=True, headers=wanted, **options) as answer:
            _parse(answer)
            try:
                yield answer
            except AssertionError as error:
                answer.failure(_asserted(error, answer))
            except Exception as error:  # noqa: BLE001 - that is what `rest` is for
                answer.failure(f"{type(error).__name__}: {error}")

    @contextmanager
    def rest_(self, method: str, url: str, name: str | None = None, **options: Any) -> Iterator[Answer]:
        """Do the same with a time stamp in the query, past any cache."""
        mark = "&" if "?" in url else "?"
        stamped = f"{url}{mark}_={time.time_ns() // 1_000_000}"
        with self.rest(method, stamped, name=name or f"{url}{mark}_=...", **options) as answer:
            yield answer


def _asserted(error: AssertionError, answer: Answer) -> str:
    """Give the reason of a failed assertion; one that ends in a comma asks for the answer's text behind it."""
    text = str(error) or "Assertion failed"
    return f"{text} response was {answer.text[:LONGEST_TEXT]}" if text.endswith(",") else text


def _parse(answer: Answer) -> None:
    if not answer.status_code:
        answer.failure(str(answer.error))
    elif answer.text:
        try:
            answer.js = answer.json()
        except ValueError:
            answer.failure(f"Could not parse response as JSON (status {answer.status_code})")
