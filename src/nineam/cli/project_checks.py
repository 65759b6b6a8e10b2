"""What `nineam doctor` asks of a project: its interpreter, the application, a server for it, what can be hooked."""

import json
import os
import subprocess
from importlib.resources import files
from pathlib import Path

from nineam.agent.integrations import INSTALLERS
from nineam.app.command import ServerOptions, server_command
from nineam.app.environment import agent_environment
from nineam.app.facts import AppFacts
from nineam.app.find import find_target
from nineam.app.inspect import inspect_target
from nineam.app.interpreter import Interpreter, choose_interpreter
from nineam.cli.checks import Check
from nineam.config.settings import load_settings
from nineam.errors import NineamError, UsageError

IMPORT_LIMIT_S = 30.0
QUESTION = """
import importlib, importlib.util, json, sys
for name in json.loads(sys.argv[1]):
    try:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)
    except Exception:
        pass
sys.stdout.write("\\n" + json.dumps(sys.modules["nineam_agent.boot"].start({}).recorder._hooks))
"""
"""Asked in the application's interpreter with the agent aboard: which libraries are there, and do their hooks fit?"""


def project(directory: Path, target: str | None, python: str | None) -> tuple[Check, ...]:
    """Ask about a project, one thing after the other, as far as each needs the one before it."""
    checks: list[Check] = []
    stage = "settings"
    try:
        settings = load_settings(directory)
        stage = "interpreter"
        interpreter = choose_interpreter(python or settings.python, os.environ, directory)
        checks += [found(interpreter), hooks(interpreter)]
        stage = "application"
        if settings.command and not target:
            checks.append(Check(name=stage, state="fine", said=f"started by {' '.join(settings.command)}"))
            return tuple(checks)
        name = target or settings.target or _found_target(directory)
        if not name:
            return (*checks, _none(directory))
        facts = inspect_target(name, interpreter, directory, os.environ, settings.ready_timeout or IMPORT_LIMIT_S)
        checks.append(described(name, facts))
        stage = "server"
        checks.append(served(facts, settings.server or "auto"))
    except NineamError as error:
        checks.append(Check(name=stage, state="broken", said=error.message, advice=error.hint))
    return tuple(checks)


def found(interpreter: Interpreter) -> Check:
    """Say which interpreter runs the application, and who named it."""
    said = f"{interpreter.path} (Python {interpreter.version_text}, {interpreter.source})"
    return Check(name="interpreter", state="fine", said=said)


def described(name: str, facts: AppFacts) -> Check:
    """Say what an application is."""
    framework = " ".join(filter(None, (facts.framework, facts.framework_version)))
    count = len(facts.routes)
    routes = f"{count} route{'' if count == 1 else 's'}"
    return Check(name="application", state="fine", said=f"{name}: {framework}, {facts.kind.upper()}, {routes}")


def served(facts: AppFacts, wanted: str) -> Check:
    """Say which server would start it. Raises UsageError when none fits."""
    server = server_command(facts, ServerOptions(server=wanted))
    return Check(name="server", state="fine", said=f"{server.server} {server.server_version}".rstrip())


def _found_target(directory: Path) -> str:
    try:
        return find_target(directory)
    except UsageError:
        return ""


def _none(directory: Path) -> Check:
    said = f"none found in {directory}"
    return Check(name="application", state="limited", said=said, advice="go to a project, or name module:app")


def hooks(interpreter: Interpreter) -> Check:
    """Load the agent and every library it knows in the application's interpreter, and see which hooks fit."""
    inject = str(files("nineam.agent").joinpath("inject"))
    environment = agent_environment(os.environ, inject, os.devnull, "", "")
    try:
        answer = subprocess.run(
            [interpreter.path, "-c", QUESTION, json.dumps(list(INSTALLERS))],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=IMPORT_LIMIT_S,
            check=False,
        )
        states: dict[str, str] = json.loads(answer.stdout.splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
        return Check(
            name="agent",
            state="limited",
            said="does not start in this interpreter; runs see the application from outside only",
            advice="is PYTHONPATH ignored there (python -I, -E)?",
        )
    return judged(states)


def judged(states: dict[str, str]) -> Check:
    """Sum up hooks by library: `states` maps a module to `active` or why it is not."""
    failed = {name: state for name, state in states.items() if state != "active"}
    libraries = sorted({name.partition(".")[0] for name in states if name not in failed})
    said = f"hooks {', '.join(libraries)}"
    if not failed:
        return Check(name="agent", state="fine", said=said)
    name, state = next(iter(failed.items()))
    return Check(
        name="agent",
        state="limited",
        said=f"{said}; not {', '.join(failed)}",
        advice=f"{name} {state}: its time shows in the layer around it",
    )
