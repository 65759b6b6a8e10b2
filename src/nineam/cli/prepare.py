"""From what the user said to what will be run: every mistake is found here, before anything starts."""

import os
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
from nineam.cli.asked import URL, Options, merged
from nineam.cli.database import watched_database
from nineam.cli.execute import git
from nineam.cli.reach import allowed, ensure_near
from nineam.cli.run_plan import plan_of
from nineam.cli.traffic import methods_of, traffic_of
from nineam.config.settings import Settings, load_settings, settings_place
from nineam.errors import UsageError
from nineam.model.address import canonical
from nineam.monday.setup import Setup
from nineam.traffic.discover import Candidate

SAMPLES = {"uuid": "00000000-0000-0000-0000-000000000001", "float": "1.0", "date": "2026-01-05"}


@dataclass(frozen=True)
class Prepared:
    """How the application is started, and what is known of it."""

    parts: dict[str, Any]
    target: dict[str, str]


def prepare(options: Options, scratch: Path) -> tuple[Setup, dict[str, Any]]:
    """Return the session's setup and the facts to keep with the run. Raises UsageError and ApplicationError.

    `scratch` is a folder that lasts as long as the run.
    """
    cwd = Path(options.cwd).absolute()
    if not cwd.is_dir():
        raise UsageError(f"--cwd {options.cwd}: there is no such directory", hint="name the application's folder")
    settings = load_settings(cwd)
    options = merged(options, settings)
    if options.health and not options.health.startswith("/"):
        raise UsageError(f"--health {options.health!r}: expected a path", hint=f"write it like /{options.health}")
    traffic = traffic_of(options, cwd, scratch)
    plan, meta = plan_of(options, traffic, settings_place(cwd))
    options = _with_host(options, traffic.host)
    ensure_near(options, settings)
    prepared = prepared_application(options, settings, cwd)
    given: dict[str, Any] = {"agent": not options.no_agent, "database": watched_database(options)}
    sent = {
        "health_path": options.health or prepared.parts.get("health_path") or traffic.health,
        "notices": traffic.notices,
        "openapi_address": traffic.address,
        "methods": methods_of(options.methods),
        "processes": options.processes or 0,
    }
    setup = Setup(plan=plan, **(given | prepared.parts | sent))
    return setup, meta | {"target": prepared.target, "git": git(cwd)}


def _with_host(options: Options, host: str) -> Options:
    """Take the address that a locustfile names for the target, if nobody named one and it is on this machine."""
    if options.target or options.command or not host:
        return options
    try:
        ensure_loopback(host)
    except UsageError:
        return options
    return replace(options, target=host)


def prepared_application(options: Options, settings: Settings, cwd: Path) -> Prepared:
    """Say how the application is started. Raises UsageError and ApplicationError."""
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


def _url(options: Options, settings: Settings) -> Prepared:
    ensure_loopback(options.target, allowed(options, settings))
    target = {"kind": "url", "command": options.target, "framework": "", "server": "", "database": ""}
    return Prepared(parts={"url": canonical(options.target), "agent": False}, target=target)


def _command(options: Options, settings: Settings, cwd: Path, environ: dict[str, str]) -> Prepared:
    if options.host:
        ensure_loopback(options.host, allowed(options, settings))
    interpreter = choose_interpreter(options.python, environ, cwd)
    if Path(interpreter.path).parent != Path(sys.executable).parent:
        # `uvicorn` means the application's own, as it would in its activated environment
        environ = environ | {"PATH": f"{Path(interpreter.path).parent}{os.pathsep}{environ.get('PATH', '')}"}
    target = {"kind": "command", "command": " ".join(options.command), "framework": "", "server": "", "database": ""}
    parts = {
        "command": options.command,
        "cwd": str(cwd),
        "environment": environ,
        "url": canonical(options.host),
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
        "database_kind": facts.database,
    }
    target = {
        "kind": facts.kind,
        "command": server.text,
        "framework": facts.framework,
        "server": server.server,
        "database": facts.database,
        "debug": "on" if facts.debug else "",
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
