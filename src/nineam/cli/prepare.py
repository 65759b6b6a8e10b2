"""From what the user said to what will be run: every mistake is found here, before anything starts."""

import math
import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nineam.app.command import ServerOptions, server_command
from nineam.app.environment import search_environment
from nineam.app.facts import AppFacts
from nineam.app.find import find_target
from nineam.app.inspect import inspect_target
from nineam.app.interpreter import choose_interpreter
from nineam.app.loopback import ensure_loopback
from nineam.app.ports import ensure_free, free_port
from nineam.cli.durations import seconds
from nineam.cli.execute import git
from nineam.config.settings import Settings, load_settings
from nineam.errors import UsageError
from nineam.load.journeys import load_journeys, metric_names
from nineam.load.thresholds import Threshold, parse_all
from nineam.model import LoadPlan
from nineam.monday.plan import Goal, RunPlan
from nineam.monday.session import Setup
from nineam.traffic.discover import Candidate

URL = re.compile(r"https?://", re.IGNORECASE)
DISCOVERED_THINK_S = 1.0
SAMPLES = {"uuid": "00000000-0000-0000-0000-000000000001", "float": "1.0", "date": "2026-01-05"}


@dataclass(frozen=True)
class Options:
    """The command line of `run`; None and empty mean that the user did not say."""

    target: str
    command: tuple[str, ...]
    environ: dict[str, str]
    users: int | None = None
    rate: float | None = None
    duration: str = ""
    think: float | None = None
    slo: str = ""
    thresholds: tuple[str, ...] = ()
    journeys: str = ""
    host: str = ""
    health: str = ""
    server: str = ""
    workers: int | None = None
    port: int | None = None
    python: str | None = None
    cwd: str = "."
    env: tuple[str, ...] = ()
    ready_timeout: float | None = None
    allowed: tuple[str, ...] = ()
    seed: int = 1
    no_agent: bool = False
    suspect: str = ""
    localhost_time: float = 5.0
    stair_time: float = 4.0
    after_time: float = 5.0
    observer_time: float = 0.9


@dataclass(frozen=True)
class Prepared:
    """How the application is started, and what is known of it."""

    parts: dict[str, Any]
    target: dict[str, str]


def prepare(options: Options) -> tuple[Setup, dict[str, Any]]:
    """Return the session's setup and the facts to keep with the run. Raises UsageError and ApplicationError."""
    cwd = Path(options.cwd).absolute()
    if not cwd.is_dir():
        raise UsageError(f"--cwd {options.cwd}: there is no such directory", hint="name the application's folder")
    settings = load_settings(cwd)
    options = _merged(options, settings)
    plan, meta = _plan(options, cwd)
    prepared = _prepared(options, settings, cwd)
    given: dict[str, Any] = {"agent": not options.no_agent, "health_path": options.health}
    setup = Setup(plan=plan, **(given | prepared.parts))
    return setup, meta | {"target": prepared.target, "git": git(cwd)}


def _merged(options: Options, settings: Settings) -> Options:
    """Fill what the command line left open from the settings, then from the defaults."""
    for name in ("rate", "think", "ready_timeout"):
        number = getattr(options, name)
        if number is not None and not math.isfinite(number):
            raise UsageError(f"--{name.replace('_', '-')} {number}: expected a finite number", hint="such as 20 or 0.5")
    if options.users and options.rate:
        raise UsageError("--users and --rate exclude each other", hint="users are closed load, a rate is open load")
    if options.users or options.rate:
        settings = type(settings)(
            **{name: getattr(settings, name) for name in settings.__struct_fields__ if name not in ("users", "rate")}
        )
    env = tuple(f"{key}={value}" for key, value in (settings.env or {}).items()) + options.env
    named = bool(options.target or options.command)
    return replace(
        options,
        target=options.target or ("" if named else settings.target or ""),
        command=options.command or (() if named else tuple(settings.command or ())),
        users=options.users or settings.users,
        rate=options.rate or settings.rate,
        duration=options.duration or settings.duration or "",
        think=options.think if options.think is not None else settings.think,
        slo=options.slo or settings.slo or "p(95)<500",
        thresholds=options.thresholds or tuple(settings.thresholds or ()),
        journeys=options.journeys or settings.journeys or "",
        host=options.host or settings.host or "",
        health=options.health or settings.health or "",
        server=options.server or settings.server or "auto",
        workers=options.workers or settings.workers,
        python=options.python or settings.python,
        env=env,
        ready_timeout=options.ready_timeout or settings.ready_timeout or 30.0,
    )


def _plan(options: Options, cwd: Path) -> tuple[RunPlan, dict[str, Any]]:
    slo = _objective(options.slo)
    if options.health and not options.health.startswith("/"):
        raise UsageError(f"--health {options.health!r}: expected a path", hint=f"write it like /{options.health}")
    journeys = _journeys(options, cwd)
    custom = metric_names(journeys) if journeys else ()
    for text in options.thresholds:
        parse_all(text, custom)
    kind = "users" if options.users else "rate"
    limit = float(options.users or options.rate or 0)
    think = options.think if options.think is not None else (0.0 if journeys else DISCOVERED_THINK_S)
    duration = seconds(options.duration, "--duration") if options.duration else 0.0
    if duration and not limit:
        raise UsageError("--duration needs a load to hold", hint="say --users or --rate too, or leave --duration out")
    plan = RunPlan(
        load=LoadPlan(base_url="", journeys_file=journeys, seed=options.seed),
        goal=Goal(kind="users" if kind == "users" else "rate", limit=limit, duration_s=duration),
        objective_ms=slo.limit,
        objective_percent=slo.percent or 95.0,
        think_s=think,
        localhost_s=options.localhost_time,
        stair_s=options.stair_time,
        after_s=options.after_time,
        observer_s=options.observer_time,
    )
    gates = [*options.thresholds, *([options.slo] if limit else [])]
    return plan, {
        "slo": slo.source,
        "objective_ms": slo.limit,
        "goal_limit": limit,
        "thresholds": gates,
        "custom_metrics": sorted(custom),
        "suspect": options.suspect,
        "seed": options.seed,
        "unit": "journeys" if journeys else "requests",
        "click_s": think or DISCOVERED_THINK_S,
    }


def _objective(text: str) -> Threshold:
    """Read `--slo`: a percentile of the response time below a limit."""
    (slo, *more) = parse_all(text)
    fits = slo.metric == "http_req_duration" and slo.percent and slo.comparison in ("<", "<=") and not slo.endpoint
    if more or not fits:
        raise UsageError(
            f"--slo {text!r}: expected one percentile of the response time below a limit",
            hint='write it like "p(95)<500"; other conditions are --threshold',
        )
    return slo


def _journeys(options: Options, cwd: Path) -> str:
    named = options.journeys
    path = (cwd / named) if named else cwd / "monday.py"
    if not named and not path.is_file():
        return ""
    load_journeys(str(path))
    return str(path)


def _prepared(options: Options, settings: Settings, cwd: Path) -> Prepared:
    if options.command and options.target:
        raise UsageError(
            f"got a target ({options.target}) and a command after --",
            hint="give one of them; --host says where it listens",
        )
    environ = options.environ | _variables(options.env)
    if URL.match(options.target):
        return _url(options, settings)
    if options.command:
        return _command(options, settings, cwd, environ)
    return _module(options, cwd, environ)


def _variables(pairs: tuple[str, ...]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair or pair.startswith("="):
            raise UsageError(f"--env {pair!r}: expected KEY=VALUE", hint="like --env DEBUG=0")
    return dict(pair.split("=", 1) for pair in pairs)


def _allowed(options: Options, settings: Settings) -> tuple[str, ...]:
    """A host beyond this machine needs both: the project's list and today's flag."""
    return tuple(host for host in options.allowed if host in settings.allow_targets)


def _url(options: Options, settings: Settings) -> Prepared:
    ensure_loopback(options.target, _allowed(options, settings))
    target = {"kind": "url", "command": options.target, "framework": "", "server": "", "database": ""}
    return Prepared(parts={"url": options.target, "agent": False}, target=target)


def _command(options: Options, settings: Settings, cwd: Path, environ: dict[str, str]) -> Prepared:
    if options.host:
        ensure_loopback(options.host, _allowed(options, settings))
    interpreter = choose_interpreter(options.python, environ, cwd)
    if Path(interpreter.path).parent != Path(sys.executable).parent:
        # `uvicorn` means the application's own, as it would in its activated environment
        environ = environ | {"PATH": f"{Path(interpreter.path).parent}{os.pathsep}{environ.get('PATH', '')}"}
    target = {"kind": "command", "command": " ".join(options.command), "framework": "", "server": "", "database": ""}
    parts = {
        "command": options.command,
        "cwd": str(cwd),
        "environment": environ,
        "url": options.host,
        "roots": str(cwd),
        "ready_timeout_s": options.ready_timeout,
    }
    return Prepared(parts=parts, target=target)


def _module(options: Options, cwd: Path, environ: dict[str, str]) -> Prepared:
    interpreter = choose_interpreter(options.python, environ, cwd)
    name = options.target or find_target(cwd)
    facts = inspect_target(name, interpreter, cwd, environ, options.ready_timeout or 30.0)
    if options.port:
        ensure_free(options.port)
    chosen = ServerOptions(server=options.server, port=options.port or free_port(), workers=options.workers)
    server = server_command(facts, chosen)
    parts = {
        "command": server.arguments,
        "cwd": server.cwd,
        "environment": search_environment(environ, server.search_path),
        "url": server.url,
        "roots": ":".join(dict.fromkeys((facts.target.search_path or str(cwd), str(cwd)))),
        "ready_timeout_s": options.ready_timeout,
        "candidates": _candidates(facts),
        "openapi_path": facts.openapi_path,
        "health_path": options.health or facts.health_path,
    }
    target = {
        "kind": facts.kind,
        "command": server.text,
        "framework": facts.framework,
        "server": server.server,
        "database": facts.database,
    }
    return Prepared(parts=parts, target=target)


def _samples(parameters: dict[str, str]) -> dict[str, str]:
    """Return a value for each path parameter by its kind; what is not listed is filled with 1."""
    return {name: SAMPLES[kind] for name, kind in parameters.items() if kind in SAMPLES}


def _candidates(facts: AppFacts) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(method=method, path=route.path, values=_samples(route.parameters))
        for route in facts.routes
        for method in route.methods
        if method not in ("HEAD", "OPTIONS")
    )
