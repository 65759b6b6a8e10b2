"""What the user asked for: the command line of `run`, filled up from the project's settings."""

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any

from nineam.cli.numbers import RANGES, check_number
from nineam.config.settings import Settings

URL = re.compile(r"https?://|http\+unix://|unix:[/.]", re.IGNORECASE)
LOADS = ("users", "rate", "spawn_rate", "stages", "iterations", "executor", "scenarios")
"""A load on the command line replaces the one in the settings, all of it."""
PLANS = ("spawn_rate", "stages", "iterations", "executor")
"""Those of them that say themselves how long they last."""
SOURCES = ("journeys", "locustfile", "openapi", "har", "urls", "access_log")
"""Likewise a source of traffic, of which there is one at most."""
OF_SOURCES = ("methods", "speed", "log_format")
SIZES = ("rows", "times", "like")
"""And how large clones are to be."""


@dataclass(frozen=True)
class Options:
    """The command line of `run`; None and empty mean that the user did not say."""

    target: str
    command: tuple[str, ...]
    environ: dict[str, str]
    users: int | None = None
    rate: float | None = None
    duration: str = ""
    no_climb: bool = False
    spawn_rate: float | None = None
    stages: tuple[Any, ...] = ()
    iterations: int | None = None
    executor: str = ""
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)
    think: float | None = None
    clients: Any = ""
    processes: int | None = None
    seed: int = 1
    journeys: str = ""
    locustfile: str = ""
    openapi: str = ""
    methods: str = ""
    har: str = ""
    urls: str = ""
    access_log: str = ""
    speed: float | None = None
    log_format: str = ""
    slo: str = ""
    thresholds: tuple[Any, ...] = ()
    abort_on_fail: bool = False
    suspect: str = ""
    timeout: float | None = None
    connect_timeout: float | None = None
    http2: bool = False
    insecure_skip_tls_verify: bool = False
    no_connection_reuse: bool = False
    proxy: str = ""
    host: str = ""
    health: str = ""
    server: str = ""
    workers: int | None = None
    port: int | None = None
    python: str | None = None
    cwd: str = "."
    env: tuple[str, ...] = ()
    ready_timeout: float | None = None
    database: str = ""
    allowed: tuple[str, ...] = ()
    grown: bool = False
    rows: str = ""
    times: int | None = None
    like: str = ""
    keep: tuple[str, ...] = ()
    depth: float | None = None
    fill: int | None = None
    database_variable: str = ""
    no_agent: bool = False
    localhost_time: float = 5.0
    stair_time: float = 4.0
    after_time: float = 5.0
    observer_time: float = 0.9
    capacity_time: float | None = None
    proof_time: float = 16.0

    def given(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of some options that somebody gave."""
        return tuple(name for name in names if not _empty(getattr(self, name)))


def _empty(value: Any) -> bool:
    # zero is something to give: --think 0
    return value is None or value is False or (isinstance(value, str | tuple | dict) and not value)


def spelt(name: str) -> str:
    """Spell an option as on the command line."""
    return {"stages": "--stage", "thresholds": "--threshold", "scenarios": "[scenarios]"}.get(
        name, f"--{name.replace('_', '-')}"
    )


def merged(options: Options, settings: Settings) -> Options:
    """Fill what the command line left open from the settings, then from the defaults. Raises UsageError."""
    check_numbers(options)
    left_out = set(_replaced(options))
    values = {
        name: _plain(value)
        for name in settings.__struct_fields__
        if name in _NAMES and name not in left_out and (value := getattr(settings, name)) is not None
    }
    env = tuple(f"{key}={value}" for key, value in (settings.env or {}).items()) + options.env
    open_ones = {name: value for name, value in values.items() if not options.given((name,))}
    result = dataclasses.replace(options, **(open_ones | {"env": env}))
    check_numbers(result)
    return dataclasses.replace(
        result,
        slo=result.slo or "p(95)<500",
        server=result.server or "auto",
        ready_timeout=result.ready_timeout or 30.0,
        capacity_time=60.0 if result.capacity_time is None else result.capacity_time,
    )


_NAMES = frozenset(each.name for each in dataclasses.fields(Options))


def _replaced(options: Options) -> tuple[str, ...]:
    """Name the settings that the command line replaces although it does not give each of them."""
    left_out: tuple[str, ...] = ()
    if options.given(LOADS):
        left_out += LOADS
    if options.given(PLANS):
        left_out += ("duration",)
    if options.given(SOURCES):
        left_out += SOURCES + OF_SOURCES
    if options.given(SIZES):
        left_out += SIZES
    if options.target or options.command:
        left_out += ("target", "command")
    return left_out


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def check_numbers(options: Options) -> None:
    """Raise UsageError for a number that is none, or out of its range."""
    for name in RANGES:
        number = getattr(options, name)
        if number is not None:
            check_number(name, spelt(name), number)
