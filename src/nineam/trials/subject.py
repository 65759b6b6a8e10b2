"""The application on trial as it is started: its command, and the environment that leads it through the proxy."""

import json
import os
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from nineam.model.record import Record
from nineam.model.trial import Dependency
from nineam.trials.addresses import loopback
from nineam.trials.dependencies import redirected


class Subject(Record, frozen=True, kw_only=True):
    """How the application is started. An empty `url` is looked for among the ports that it opens.

    `framework` is empty where nobody knows it; `asked` are the user's words for it, and for what is sent to it.
    """

    command: tuple[str, ...]
    cwd: str
    environment: dict[str, str]
    url: str = ""
    ready_timeout_s: float = 30.0
    root: str = "."
    framework: str = ""
    asked: str = ""


class Fact(Record, frozen=True, kw_only=True):
    """A kind of connection that the application made, as its inside told: where in the source, with what timeout."""

    host: str
    port: int
    via: str
    where: str = ""
    timeout: Any = None
    libraries: tuple[str, ...] = ()
    redirected: bool = False
    pid: int = 0


class Leading(NamedTuple):
    """Dependencies with their ports on the proxy, by name, and the file in which connections are told."""

    dependencies: tuple[Dependency, ...]
    ports: Mapping[str, int]
    report: Path


def led(subject: Subject, leading: Leading) -> dict[str, str]:
    """Return the environment in which the application connects to the proxy instead of its dependencies."""
    environment = redirected(subject.environment, leading.dependencies, leading.ports)
    places = [
        [each.host, each.port, leading.ports[each.name]] for each in leading.dependencies if each.name in leading.ports
    ]
    told = {"places": places, "report": str(leading.report), "root": subject.root}
    before = environment.get("PYTHONPATH", "")
    return environment | {
        "PYTHONPATH": str(files("nineam.trials").joinpath("inject")) + (os.pathsep + before if before else ""),
        "PYTHONUNBUFFERED": "1",
        "NINEAM_REDIRECT": json.dumps(told),
    }


def facts(report: Path) -> tuple[Fact, ...]:
    """Read what the application told of its connections; half a line at the end is not there yet."""
    try:
        lines = report.read_text("utf-8").splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Fact))
        except msgspec.MsgspecError:
            continue
    return tuple(found)


def facts_of(dependency: Dependency, told: Iterable[Fact], port: int) -> tuple[Fact, ...]:
    """Choose what was told of the connections to a dependency, at its own address or at its `port` on the proxy."""
    own = (loopback(dependency.host), dependency.port)
    return tuple(each for each in told if (loopback(each.host), each.port) in (own, ("127.0.0.1", port)))
