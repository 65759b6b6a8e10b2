"""The values of a scenario's options: each reader takes a value and where it stands, and raises `UsageError`."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from nineam.errors import UsageError, nearest
from nineam.model.durations import LONGEST_S, seconds
from nineam.model.scenario import RampStage, Scenario

Reader = Callable[[Any, str], Any]

MOST = 1_000_000_000
MOST_USERS = 1_000_000
FASTEST = 1_000_000.0  # a second: more than any process could send
OWN_TAGS = ("group", "name", "scenario")
STAGE = ("duration", "target")


def duration(value: Any, where: str) -> float:
    """Read a duration in seconds, which may be 0."""
    if isinstance(value, str):
        return seconds(value, where)
    if not _is_number(value) or not 0 <= value <= LONGEST_S:
        longest = " of at most a year" if _is_number(value) and value > LONGEST_S else ""
        raise _wrong(value, where, f'a duration like "30s" or "1m30s", or seconds{longest}')
    return float(value)


def some_duration(value: Any, where: str) -> float:
    """Read a duration in seconds of more than 0."""
    found = duration(value, where)
    if found <= 0:
        raise _wrong(value, where, "more than 0 seconds")
    return found


def count(value: Any, where: str) -> int:
    """Read a whole number of at least 1."""
    return _whole(value, where, 1)


def users(value: Any, where: str) -> int:
    """Read how many users, which may be 0."""
    found = _whole(value, where, 0)
    if found > MOST_USERS:
        raise _wrong(value, where, f"at most {MOST_USERS:,}")
    return found


def some_users(value: Any, where: str) -> int:
    """Read how many users, at least 1."""
    return users(_whole(value, where, 1), where)


def amount(value: Any, where: str) -> float:
    """Read a number, which may be 0."""
    if not _is_number(value) or not 0 <= value <= MOST:
        raise _wrong(value, where, f"a number, 0 or more{_limit(value)}")
    return float(value)


def positive(value: Any, where: str) -> float:
    """Read a number of more than 0."""
    if not _is_number(value) or not 0 < value <= MOST:
        raise _wrong(value, where, f"a number above 0{_limit(value)}")
    return float(value)


def text(value: Any, where: str) -> str:
    """Read text."""
    if not isinstance(value, str) or not value:
        raise _wrong(value, where, "a name in quotes")
    return value


def names(value: Any, where: str) -> tuple[str, ...]:
    """Read a name, or several."""
    several = value if isinstance(value, list | tuple) else [value]
    return tuple(text(each, where) for each in several)


def tags(value: Any, where: str) -> tuple[tuple[str, str], ...]:
    """Read tags: a table of names and texts."""
    if not isinstance(value, Mapping):
        raise _wrong(value, where, 'a table like { team = "shop" }')
    for key, each in value.items():
        if not isinstance(key, str) or not key.isidentifier():
            raise _wrong(key, where, "names of letters, digits and _")
        if key in OWN_TAGS:
            raise _wrong(key, where, f"names other than {', '.join(OWN_TAGS)}, by which is counted in any case")
        if not isinstance(each, str | int | float) or any(mark in str(each) for mark in "{},"):
            raise _wrong(each, f"{where}.{key}", "text without braces and commas")
    return tuple((key, str(each)) for key, each in value.items())


def stages(value: Any, where: str) -> tuple[RampStage, ...]:
    """Read the stages of a ramp: tables with `duration` and `target`."""
    if not isinstance(value, list | tuple) or not value:
        raise _wrong(value, where, 'a list like [{ duration = "30s", target = 20 }]')
    return tuple(_stage(each, f"{where}, stage {number}") for number, each in enumerate(value, 1))


def scaled(scenario: Scenario, unit_s: float, where: str) -> Scenario:
    """Turn rates per time unit into rates per second; the targets of a ramp of users have to be whole."""
    if scenario.executor == "ramping-vus":
        for number, stage in enumerate(scenario.stages, 1):
            users(stage.target, f"{where}: stages, stage {number}: target")
        return scenario
    rates = (scenario.rate, scenario.start_rate, *(stage.target for stage in scenario.stages))
    if max(rates) / unit_s > FASTEST:
        raise _wrong(max(rates), f"{where}: rate", f"at most {FASTEST:,.0f} a second")
    return msgspec.structs.replace(
        scenario,
        rate=scenario.rate / unit_s,
        start_rate=scenario.start_rate / unit_s,
        stages=tuple(RampStage(duration_s=each.duration_s, target=each.target / unit_s) for each in scenario.stages),
    )


def _stage(value: Any, where: str) -> RampStage:
    if not isinstance(value, Mapping):
        raise _wrong(value, where, '{ duration = "30s", target = 20 }')
    for key in value:
        if key not in STAGE:
            close = nearest(str(key), STAGE)
            hint = f"Did you mean '{close}'?" if close else "A stage has a duration and a target."
            raise UsageError(f"{where}: there is no '{key}' in a stage", hint=hint)
    missing = [key for key in STAGE if key not in value]
    if missing:
        hint = 'Write { duration = "30s", target = 20 }.'
        raise UsageError(f"{where}: {' and '.join(missing)} is missing, got {dict(value)}", hint=hint)
    seconds_of = duration(value["duration"], f"{where}: duration")
    return RampStage(duration_s=seconds_of, target=amount(value["target"], f"{where}: target"))


def _whole(value: Any, where: str, least: int) -> int:
    if not _is_number(value) or value != int(value) or not least <= value <= MOST:
        raise _wrong(value, where, f"a whole number, {least} or more{_limit(value)}")
    return int(value)


def _limit(value: Any) -> str:
    return f", at most {MOST:,}" if _is_number(value) and value > MOST else ""


def _is_number(value: Any) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole or (isinstance(value, float) and math.isfinite(value))


def _wrong(value: Any, where: str, expected: str) -> UsageError:
    shown = repr(value)
    return UsageError(f"{where} is {shown[:60]}, expected {expected}", hint="Correct that value and run again.")
