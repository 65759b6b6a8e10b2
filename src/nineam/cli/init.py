"""`nineam init`: looks at a project, and writes down what `nineam run` needs to know about it."""

import os
import tomllib
from pathlib import Path

import click

from nineam.app.command import ServerOptions, server_command
from nineam.app.facts import AppFacts
from nineam.app.find import find_target
from nineam.app.inspect import inspect_target
from nineam.app.interpreter import choose_interpreter
from nineam.cli.run import COMMAND, RunCommand
from nineam.cli.starter import READING, Endpoint, endpoints, home, journeys_text, settings_text
from nineam.errors import UsageError
from nineam.model import Record

SETTINGS, JOURNEYS = "nineam.toml", "monday.py"


class Project(Record, frozen=True, kw_only=True):
    """What init learned: lines to print, and the text of each file by name."""

    found: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]
    files: dict[str, str]


@click.command(cls=RunCommand)
@click.argument("target", required=False)
@click.option("--python", metavar="PATH", help="The application's interpreter or venv.")
@click.option("--cwd", default=".", show_default=True, metavar="DIR", help="The project's directory.")
@click.option(
    "--import-timeout", type=click.FloatRange(0, min_open=True), default=30.0, show_default=True, help="Seconds."
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    target: str | None,
    python: str | None,
    cwd: str,
    import_timeout: float,
    force: bool,
) -> int:
    """Look at this project and write nineam.toml and monday.py.

    Prints what it found and what it did not. The application is imported, in its own interpreter, and not started.
    """
    directory = Path(cwd).absolute()
    if not directory.is_dir():
        raise UsageError(f"--cwd {cwd}: there is no such directory")
    own = ctx.meta.get(COMMAND, ())
    if own and target:
        raise UsageError(f"got a target ({target}) and a command after --", hint="give one of them")
    kept = () if force else present(directory)
    if len(kept) == 2:
        raise UsageError(
            f"{' and '.join(kept)} are there already", hint="edit them, or write them anew with nineam init --force"
        )
    project = commanded(own) if own else looked_at(target, python, directory, import_timeout)
    written = [name for name in project.files if not any(name in each for each in kept)]
    for name in written:
        _save(directory / name, project.files[name])
    click.echo(summary(project, written, kept, cwd))
    return 0


def present(directory: Path) -> tuple[str, ...]:
    """Name the files that init would write and somebody has written already."""
    kept = [name for name in (SETTINGS, JOURNEYS) if (directory / name).exists()]
    if SETTINGS not in kept and _has_table(directory / "pyproject.toml"):
        kept.insert(0, f"[tool.nineam] in pyproject.toml (in place of {SETTINGS})")
    return tuple(kept)


def _has_table(path: Path) -> bool:
    try:
        return "nineam" in tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def commanded(own: tuple[str, ...]) -> Project:
    """Describe a project that its own command starts: what is inside is not looked at."""
    return Project(
        found=(("command", " ".join(own)),),
        missing=(
            ("endpoints", f"the command was not started; {JOURNEYS} begins with GET /"),
            ("health check", f"name it in {SETTINGS}: health"),
        ),
        files={SETTINGS: settings_text(command=own), JOURNEYS: journeys_text([home()])},
    )


def looked_at(target: str | None, python: str | None, directory: Path, limit_s: float) -> Project:
    """Import the application and describe it. Raises UsageError and ApplicationError like `nineam run`."""
    name = target or find_target(directory)
    interpreter = choose_interpreter(python, os.environ, directory)
    facts = inspect_target(name, interpreter, directory, os.environ, limit_s)
    asked = endpoints(facts)
    found = {
        "application": _application(name, facts),
        "interpreter": f"{interpreter.path} (Python {interpreter.version_text}, {interpreter.source})",
        "server": _server(facts)[0],
        "database": facts.database,
        "health check": facts.health_path,
        "endpoints": _counted(asked),
    }
    reasons = {
        "server": _server(facts)[1],
        "database": "nothing in its modules names one",
        "health check": f"no route is called like one; name it in {SETTINGS}: health",
        "endpoints": f"no routes were seen; {JOURNEYS} begins with GET /",
    }
    return Project(
        found=tuple(pair for pair in found.items() if pair[1]),
        missing=tuple((key, reason) for key, reason in reasons.items() if not found[key]),
        files={
            SETTINGS: settings_text(target=name, health=facts.health_path, python=python or ""),
            JOURNEYS: journeys_text(asked or [home()]),
        },
    )


def _application(name: str, facts: AppFacts) -> str:
    framework = " ".join(filter(None, (facts.framework, facts.framework_version)))
    return f"{name} ({framework}, {facts.kind.upper()})"


def _server(facts: AppFacts) -> tuple[str, str]:
    """Name the server that `nineam run` would start, or say why there is none."""
    try:
        server = server_command(facts, ServerOptions())
    except UsageError as error:
        return "", f"{error.message}; {error.hint}"
    return f"{server.server} {server.server_version}".rstrip(), ""


def _counted(asked: tuple[Endpoint, ...]) -> str:
    if not asked:
        return ""
    reading = sum(endpoint.method == READING for endpoint in asked)
    changing = len(asked) - reading
    text = f"{reading} that read"
    return text + (f", {changing} that change something (commented out in {JOURNEYS})" if changing else "")


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="choose another --cwd") from None


def summary(project: Project, written: list[str], kept: tuple[str, ...], cwd: str = ".") -> str:
    """Return what is printed at the end: found, not found, written, kept, next."""
    lines = ["found", *(f"  {key:<13} {value}" for key, value in project.found)]
    if project.missing:
        lines += ["not found", *(f"  {key:<13} {value}" for key, value in project.missing)]
    lines.append(f"wrote {' and '.join(written)}")
    lines += [f"kept {name}; --force writes it anew" for name in kept]
    lines.append(f"next: read {JOURNEYS}, then nineam run" + (f" --cwd {cwd}" if cwd != "." else ""))
    return "\n".join(lines)
