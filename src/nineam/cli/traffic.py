"""From what the user said to what is sent: one source of traffic at most, read before anything starts."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nineam.cli.asked import SOURCES, URL, Options, spelt
from nineam.errors import UsageError, nearest
from nineam.load.journeys import load_journeys, scenarios_of_journeys
from nineam.model import RampStage, Scenario
from nineam.model.durations import spelt_out

DEFAULT_JOURNEYS = "monday.py"
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")

DAY_S = 86_400.0
LONGEST_REPLAY_S = DAY_S
LARGEST_DOCUMENT = 64 << 20
LAST_REQUEST_S = 1.0
"""The last request of a log begins when its time is over; this is time for it."""


@dataclass(frozen=True)
class Traffic:
    """What is sent. `plan` are fields of a `LoadPlan`, all empty when nineam finds out by itself.

    `names` is what scenarios may `exec`; `scenarios` is the load that the source brings along. `notices` are told
    with the run. `address` is that of an OpenAPI document which is fetched once the application runs, `host` where
    the source says that the application is.
    """

    plan: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    notices: tuple[str, ...] = ()
    health: str = ""
    address: str = ""
    host: str = ""
    unit: str = "requests"

    @property
    def journeys(self) -> str:
        """The journeys file, or nothing."""
        return str(self.plan.get("journeys_file", ""))


def traffic_of(options: Options, cwd: Path, scratch: Path) -> Traffic:
    """Read the one source that was named, or `monday.py` when it is there. Raises UsageError.

    `scratch` is a folder for what has to be written down for the run.
    """
    named = options.given(SOURCES)
    if len(named) > 1:
        raise UsageError(
            f"{' and '.join(spelt(name) for name in named)}: only one of them can say what is sent",
            hint=f"choose one: {', '.join(spelt(name) for name in SOURCES)}",
        )
    _check_belongs(options, named)
    if named:
        return READERS[named[0]](options, cwd, scratch)
    return _journeys(options, cwd, scratch) if (cwd / DEFAULT_JOURNEYS).is_file() else Traffic()


def methods_of(text: str) -> frozenset[str]:
    """Read `--methods`: names joined by commas, or `all`. Raises UsageError."""
    words = [word.strip().lower() for word in (text or "get").split(",")]
    for word in words:
        if word not in (*METHODS, "all"):
            close = nearest(word, METHODS)
            raise UsageError(
                f"--methods {text!r}: {word!r} is no method" + (f"; did you mean {close}?" if close else ""),
                hint=f"like --methods get,post; there are {', '.join(METHODS)}, and all",
            )
    return frozenset(METHODS if "all" in words else words)


def _check_belongs(options: Options, named: tuple[str, ...]) -> None:
    for name, source in (("methods", "openapi"), ("speed", "access_log"), ("log_format", "access_log")):
        if options.given((name,)) and source not in named:
            raise UsageError(f"{spelt(name)} needs {spelt(source)}", hint=f"it is about {spelt(source)} only")


def _journeys(options: Options, cwd: Path, scratch: Path) -> Traffic:  # noqa: ARG001 - one signature for all readers
    path = cwd / (options.journeys or DEFAULT_JOURNEYS)
    names = tuple(journey.name for journey in load_journeys(str(path)))
    return Traffic(
        plan={"journeys_file": str(path)}, names=names, scenarios=scenarios_of_journeys(str(path)), unit="journeys"
    )


def _openapi(options: Options, cwd: Path, scratch: Path) -> Traffic:  # noqa: ARG001 - likewise
    methods = methods_of(options.methods)
    if URL.match(options.openapi):
        return Traffic(address=options.openapi)
    from nineam.traffic.files import whole  # noqa: PLC0415 - not always needed
    from nineam.traffic.openapi import parse_document, read_openapi  # noqa: PLC0415 - not always needed

    path = cwd / options.openapi
    found = read_openapi(parse_document(whole(path, "OpenAPI document", LARGEST_DOCUMENT), str(path)), methods)
    return Traffic(
        plan={"operations": found.operations},
        names=tuple(operation.name for operation in found.operations),
        notices=(*_left_out(found.skipped), *found.notices),
        health=found.health_path,
    )


def _har(options: Options, cwd: Path, scratch: Path) -> Traffic:  # noqa: ARG001 - likewise
    from nineam.traffic.har import read_har  # noqa: PLC0415 - likewise

    recorded = read_har(cwd / options.har)
    return Traffic(
        plan={"recordings": recorded.recordings},
        names=tuple(recording.name for recording in recorded.recordings),
        notices=_left_out(recorded.skipped),
        unit="journeys",
    )


def _urls(options: Options, cwd: Path, scratch: Path) -> Traffic:  # noqa: ARG001 - likewise
    from nineam.traffic.urls import read_list  # noqa: PLC0415 - likewise

    listed = read_list(cwd / options.urls)
    return Traffic(
        plan={"requests": listed.requests},
        names=tuple(request.name for request in listed.requests),
        notices=tuple(f"not asked: {host}, which the list names; its paths are" for host in listed.hosts),
    )


def _access_log(options: Options, cwd: Path, scratch: Path) -> Traffic:
    from nineam.traffic.access_log import read_access_log  # noqa: PLC0415 - likewise

    path, tape = cwd / options.access_log, scratch / "tape"
    replay = read_access_log(path, tape, pattern=options.log_format)
    speed = options.speed or 1.0
    _check_length(path, replay.seconds, speed)
    with tape.open("rb") as lines:
        count = sum(1 for _ in lines)
    seconds = replay.seconds / speed + LAST_REQUEST_S
    rate = count / (replay.span_s / speed or LAST_REQUEST_S)
    scenario = Scenario(name=path.name, executor="replay", duration_s=seconds, speed=speed, rate=rate)
    return Traffic(
        plan={"requests": replay.requests, "tape_file": str(tape)},
        names=tuple(request.name for request in replay.requests),
        scenarios=(scenario,),
        notices=(*_left_out(replay.skipped), *replay.notices),
    )


def _check_length(path: Path, span_s: float, speed: float) -> None:
    """Raise UsageError for a log that would be replayed for longer than a day."""
    if span_s / speed > LONGEST_REPLAY_S:
        days = f"{span_s / DAY_S:,.1f} days" if span_s > DAY_S else spelt_out(span_s)
        raise UsageError(
            f"{path} spans {days}: with --speed {speed:g} that takes more than {spelt_out(LONGEST_REPLAY_S)}",
            details=["a line with a wrong date makes a log long"],
            hint=f"--speed {math.ceil(max(1.0, span_s / DAY_S)):g} makes it a day; a part of the log says as much",
        )


def _locustfile(options: Options, cwd: Path, scratch: Path) -> Traffic:  # noqa: ARG001 - likewise
    from nineam.load.locust import check_locustfile  # noqa: PLC0415 - likewise

    path = cwd / options.locustfile
    facts = check_locustfile(str(path))
    return Traffic(
        plan={"locustfile": str(path)},
        names=facts.users,
        scenarios=_shape(facts.stages),
        host=facts.host,
        notices=tuple(f"{path.name}: {need}" for need in facts.needs),
        unit="journeys",
    )


def _shape(stages: tuple[RampStage, ...]) -> tuple[Scenario, ...]:
    """Turn the stages of a `LoadTestShape` into the load it means."""
    return (Scenario(executor="ramping-vus", start_vus=0, stages=stages),) if stages else ()


def _left_out(skipped: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"not exercised: {text}" for text in skipped)


READERS: dict[str, Callable[[Options, Path, Path], Traffic]] = {
    "journeys": _journeys,
    "locustfile": _locustfile,
    "openapi": _openapi,
    "har": _har,
    "urls": _urls,
    "access_log": _access_log,
}
