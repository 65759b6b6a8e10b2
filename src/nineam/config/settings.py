"""Settings from `nineam.toml`, or `[tool.nineam]` in `pyproject.toml`: the same names as the options of `run`."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from nineam.errors import UsageError, nearest
from nineam.model import Record

OWN = "nineam.toml"
PROJECT = "pyproject.toml"


class Settings(Record, frozen=True, kw_only=True):
    """What a project says once. None (or empty) leaves it to the command line and its defaults."""

    target: str | None = None
    command: list[str] | None = None
    users: int | None = None
    rate: float | None = None
    duration: str | None = None
    no_climb: bool | None = None
    spawn_rate: float | None = None
    stages: list[str | dict[str, Any]] | None = None
    iterations: int | None = None
    executor: str | None = None
    scenarios: dict[str, dict[str, Any]] | None = None
    think: float | None = None
    clients: str | dict[str, int | float | str] | None = None
    processes: int | None = None
    journeys: str | None = None
    locustfile: str | None = None
    openapi: str | None = None
    methods: str | None = None
    har: str | None = None
    urls: str | None = None
    access_log: str | None = None
    speed: float | None = None
    log_format: str | None = None
    slo: str | None = None
    thresholds: list[str | dict[str, Any]] | None = None
    abort_on_fail: bool | None = None
    timeout: float | None = None
    connect_timeout: float | None = None
    http2: bool | None = None
    insecure_skip_tls_verify: bool | None = None
    no_connection_reuse: bool | None = None
    proxy: str | None = None
    health: str | None = None
    host: str | None = None
    server: str | None = None
    workers: int | None = None
    python: str | None = None
    env: dict[str, str] | None = None
    ready_timeout: float | None = None
    database: str | None = None
    database_variable: str | None = None
    grown: bool | None = None
    rows: str | int | None = None
    times: int | None = None
    like: str | None = None
    keep: list[str] | None = None
    fill: int | None = None
    depth: float | None = None
    capacity_time: float | None = None
    allow_targets: list[str] = []


def load_settings(directory: Path) -> Settings:
    """Read a directory's settings; there need not be any. Raises UsageError naming file, key, got and expected."""
    own, project = directory / OWN, directory / PROJECT
    if own.is_file():
        return _settings(_parse(own), settings_place(directory))
    if project.is_file():
        table = _table(_parse(project), "tool", str(project))
        return _settings(_table(table, "nineam", f"{project} [tool]"), settings_place(directory))
    return Settings()


def settings_place(directory: Path) -> str:
    """Say where a directory's settings stand, for messages about them."""
    own = directory / OWN
    return str(own) if own.is_file() else f"{directory / PROJECT} [tool.nineam]"


def _table(parent: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    table = parent.get(key, {})
    if not isinstance(table, dict):
        raise UsageError(f"{where}: {key} is {table!r}, expected a table", hint=f"write [{key}] on a line of its own")
    return table


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}", hint="see https://toml.io for the format") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from None


def _settings(table: dict[str, Any], where: str) -> Settings:
    names = Settings.__struct_fields__
    unknown = [key for key in table if key not in names]
    if unknown:
        raise UsageError(
            f"{where}: there is no setting {unknown[0]!r}",
            details=[_unknown(key, names) for key in unknown],
            hint=f"the settings are {', '.join(names)}",
        )
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}", hint="mind the type: numbers stand without quotes") from None


def _unknown(key: str, names: tuple[str, ...]) -> str:
    close = nearest(key, names)
    return f"{key}: did you mean {close}?" if close else f"{key}: nothing is called like that"
