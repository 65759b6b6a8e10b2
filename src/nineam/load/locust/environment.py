"""`environment` and `runner`: what a locustfile may ask about the run it is part of."""

import argparse
import os
import random
from collections.abc import Sequence
from typing import Any

from nineam.load.locust.exceptions import NotOfferedError
from nineam.load.locust.hooks import EVENTS
from nineam.load.locust.totals import Stats

STATES = ("ready", "spawning", "running", "cleanup", "stopping", "stopped", "missing")
STANDARD: dict[str, Any] = {
    "num_users": None,
    "users": None,
    "spawn_rate": None,
    "run_time": None,
    "tags": None,
    "exclude_tags": None,
    "headless": True,
    "autostart": False,
    "master": False,
    "worker": False,
    "expect_workers": 1,
    "stop_timeout": 0,
    "reset_stats": False,
    "loglevel": "INFO",
    "csv_prefix": None,
    "html_file": None,
    "config_users": None,
    "exit_code_on_error": 1,
}


class Environment:
    """What is known about the run. Anything else that Locust has here is not offered, and says so."""

    def __init__(self, *, user_classes: Sequence[type] = (), host: str | None = None, **_: Any) -> None:
        self.user_classes = list(user_classes)
        self.host = host
        self.events = EVENTS
        self.parsed_options: Any = None
        self.stats = Stats()
        self.runner: Any = None
        self.web_ui = None
        self.process_exit_code: int | None = None
        self.shape_class: Any = None
        self.tags = self.exclude_tags = None
        self.reset_stats = False
        self.stop_timeout = 0.0
        self.catch_exceptions = True
        self.random = random.Random()  # noqa: S311 - draws of tasks, no secrets

    @property
    def user_classes_by_name(self) -> dict[str, type]:
        """The user classes by name."""
        return {each.__name__: each for each in self.user_classes}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotOfferedError(f"environment.{name}")


class Runner:
    """The run, as seen from the file."""

    def __init__(self, environment: Environment, worker_index: int = 0) -> None:
        self.environment = environment
        self.state = "ready"
        self.seats: Any = ()
        self.worker_index = worker_index
        self.client_id = f"nineam-{worker_index}"
        self.target_user_count = 0
        self.clients: dict[str, Any] = {}
        self.exceptions: dict[str, Any] = {}

    @property
    def user_count(self) -> int:
        """How many users there are."""
        return len(self.seats)

    @property
    def stats(self) -> Stats:
        """The same as `environment.stats`."""
        return self.environment.stats

    @property
    def user_classes(self) -> list[type]:
        """The same as `environment.user_classes`."""
        return self.environment.user_classes

    def register_message(self, msg_type: str, listener: Any, *_: Any, **__: Any) -> None:
        """Accept a listener for messages between processes; none are sent."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        instead = "the run ends by its own options, -t or a threshold with abortOnFail" if name in ENDING else ""
        raise NotOfferedError(f"environment.runner.{name}", instead)


ENDING = ("quit", "stop")


class LocalRunner(Runner):
    """The kind of runner there is here."""


class MasterRunner(Runner):
    """A kind that there never is; files ask whether theirs is one."""


class WorkerRunner(Runner):
    """Likewise."""


class ArgumentParser(argparse.ArgumentParser):
    """Takes the options that a file adds; they have their defaults, or the values of their environment variables."""

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Add an option; what Locust knows about options beyond `argparse` is left aside."""
        for unknown in ("include_in_web_ui", "is_secret", "is_required", "is_multiple"):
            options.pop(unknown, None)
        variable = options.pop("env_var", None)
        if variable and variable in os.environ:
            options.update(default=os.environ[variable], required=False)
        return super().add_argument(*names, **options)

    def add_argument_group(self, *names: Any, **options: Any) -> Any:
        """Group options: what a group takes is understood like any other."""
        group = super().add_argument_group(*names, **options)
        return Group(self) if hasattr(self, "_optionals") else group

    def error(self, message: str) -> Any:
        """Raise `NotOfferedError`: nobody can give such an option here."""
        raise NotOfferedError("an option of the file's own", f"{message}; give it a default or an env_var")


class Group:
    """A group of options, which only matters to those who read the help."""

    def __init__(self, parser: ArgumentParser) -> None:
        self.add_argument = parser.add_argument
        self.add_argument_group = parser.add_argument_group


def parse_options(host: str) -> argparse.Namespace:
    """Let the file add its options, and parse them. Raises `NotOfferedError` when one has no value."""
    parser = ArgumentParser(add_help=False)
    EVENTS.init_command_line_parser.fire(parser=parser)
    known, _ = parser.parse_known_args([])
    return argparse.Namespace(**{**STANDARD, "host": host, **vars(known)})
