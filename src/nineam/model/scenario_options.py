"""Scenarios as users write them: k6's option names, in a table of nineam.toml or in `@journey(...)`.

Durations are text (`30s`, `1m30s`) or seconds.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from nineam.errors import UsageError, nearest
from nineam.model import option_values as read
from nineam.model.scenario import Scenario, own_duration_of

RATES = ("rate", "startRate", "stages")
COMMON = ("executor", "exec", "startTime", "gracefulStop", "tags")
ARRIVALS = ("timeUnit", "preAllocatedVUs", "maxVUs")

READERS: dict[str, tuple[str, read.Reader]] = {
    "exec": ("exec", read.names),
    "startTime": ("start_s", read.duration),
    "gracefulStop": ("graceful_stop_s", read.duration),
    "gracefulRampDown": ("graceful_ramp_down_s", read.duration),
    "duration": ("duration_s", read.some_duration),
    "maxDuration": ("max_duration_s", read.some_duration),
    "vus": ("vus", read.some_users),
    "startVUs": ("start_vus", read.users),
    "iterations": ("iterations", read.count),
    "rate": ("rate", read.positive),
    "startRate": ("start_rate", read.amount),
    "timeUnit": ("", read.some_duration),
    "stages": ("stages", read.stages),
    "preAllocatedVUs": ("pre_allocated_vus", read.users),
    "maxVUs": ("max_vus", read.some_users),
    "think": ("think_s", read.duration),
    "speed": ("speed", read.positive),
    "tags": ("tags", read.tags),
}


class Shape(NamedTuple):
    """What an executor must be told and what it may be told; `staged` when `stages` may take the place of a rate."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    staged: bool = False

    @property
    def all(self) -> tuple[str, ...]:
        """Everything it understands."""
        stages = ("rate", "duration", "stages", "startRate") if self.staged else ()
        return tuple(dict.fromkeys((*self.required, *stages, *self.optional, *COMMON[1:])))


SHAPES: dict[str, Shape] = {
    "shared-iterations": Shape((), ("vus", "iterations", "maxDuration", "think")),
    "per-vu-iterations": Shape((), ("vus", "iterations", "maxDuration", "think")),
    "constant-vus": Shape(("duration",), ("vus", "think")),
    "ramping-vus": Shape(("stages",), ("startVUs", "gracefulRampDown", "think")),
    "constant-arrival-rate": Shape(("rate", "duration"), ARRIVALS),
    "ramping-arrival-rate": Shape(("stages",), ("startRate", *ARRIVALS)),
    "poisson-arrival-rate": Shape((), ARRIVALS, staged=True),
    "sessions": Shape((), ("iterations", "think", *ARRIVALS), staged=True),
    "replay": Shape((), ("speed", "duration", "maxVUs", "preAllocatedVUs")),
    "polite": Shape(("duration",)),
}
UNWRITTEN = ("replay", "polite")
"""Executors that nineam uses by itself: nobody needs to be told of them."""
NAMES = ("executor", *READERS)


def scenario_from(name: str, options: Mapping[str, Any], where: str, also: tuple[str, ...] = ()) -> Scenario:
    """Make a scenario out of its options; `also` are names that are understood there, but not by a scenario.

    Raises `UsageError`, which names `where` they stand, for an executor or an option that does not exist or does not
    fit, a value that is none, or one that is missing.
    """
    for option in options:
        if option not in NAMES:
            raise _unknown(option, (*NAMES, *also), where)
    executor = _executor(options, where)
    shape = SHAPES[executor]
    _check_options(executor, shape, options, where)
    fields: dict[str, Any] = {"name": name, "executor": executor}
    for option, value in options.items():
        field, reader = READERS.get(option, ("", read.text))
        if field:
            fields[field] = reader(value, f"{where}: {option}")
    scenario = _per_second(Scenario(**_most(fields)), options, where)
    _check_together(scenario, options, where)
    return scenario


def _executor(options: Mapping[str, Any], where: str) -> str:
    if "executor" not in options:
        there = ", ".join(_written())
        raise UsageError(f"{where}: executor is missing", details=[f"there are: {there}"], hint="Name one of these.")
    got = options["executor"]
    if not isinstance(got, str) or got not in SHAPES:
        close = nearest(str(got), _written())
        raise UsageError(
            f"{where}: there is no executor {got!r}",
            details=[f"there are: {', '.join(_written())}"],
            hint=f"Did you mean '{close}'?" if close else "Name one of these.",
        )
    return got


def _written() -> tuple[str, ...]:
    return tuple(name for name in SHAPES if name not in UNWRITTEN)


def _unknown(option: str, names: tuple[str, ...], where: str) -> UsageError:
    close = nearest(option, names)
    return UsageError(
        f"{where}: there is no option '{option}'",
        details=[] if close else [f"options: {', '.join(names)}"],
        hint=f"Did you mean '{close}'?" if close else "Leave it out, or name one of these.",
    )


def _check_options(executor: str, shape: Shape, options: Mapping[str, Any], where: str) -> None:
    for option in options:
        if option != "executor" and option not in shape.all:
            message = f"{where}: {executor} has no option '{option}'"
            raise UsageError(message, details=[f"it takes {', '.join(shape.all)}"], hint=_instead(option, executor))
    missing = [option for option in shape.required if option not in options]
    if shape.staged and "stages" not in options:
        missing += [option for option in ("rate", "duration") if option not in options]
    if shape.staged and "stages" in options and ("rate" in options or "duration" in options):
        raise UsageError(f"{where}: {executor} takes either stages or rate and duration", hint="Leave one of them out.")
    if missing:
        got = ", ".join(option for option in options if option != "executor") or "nothing else"
        message = f"{where}: {executor} needs {' and '.join(missing)}, and was given {got}"
        raise UsageError(message, hint=f"For example: {', '.join(EXAMPLES[option] for option in missing)}.")


EXAMPLES = {
    "rate": "rate = 50",
    "duration": 'duration = "30s"',
    "stages": 'stages = [{ duration = "30s", target = 20 }]',
}


def _instead(option: str, executor: str) -> str:
    others = [name for name, shape in SHAPES.items() if option in shape.all]
    return f"'{option}' belongs to {' and '.join(others)}; {executor} goes without it."


def _most(fields: dict[str, Any]) -> dict[str, Any]:
    """As in k6, there are no more users than the pre-allocated ones unless it says so."""
    if fields.get("pre_allocated_vus") and "max_vus" not in fields:
        return {**fields, "max_vus": fields["pre_allocated_vus"]}
    return fields


def _per_second(scenario: Scenario, options: Mapping[str, Any], where: str) -> Scenario:
    unit = read.some_duration(options.get("timeUnit", 1), f"{where}: timeUnit")
    return read.scaled(scenario, unit, where) if any(option in options for option in RATES) else scenario


def _check_together(scenario: Scenario, options: Mapping[str, Any], where: str) -> None:
    if scenario.executor == "shared-iterations" and scenario.iterations < scenario.vus:
        message = f"{where}: {scenario.iterations} iterations are less than one for each of {scenario.vus} vus"
        raise UsageError(message, hint="Raise iterations, or lower vus.")
    if "preAllocatedVUs" in options and scenario.max_vus < scenario.pre_allocated_vus:
        message = f"{where}: maxVUs is {scenario.max_vus}, less than preAllocatedVUs, {scenario.pre_allocated_vus}"
        raise UsageError(message, hint="Raise maxVUs, or leave it out.")
    if scenario.executor != "replay" and own_duration_of(scenario) <= 0:
        raise UsageError(f"{where}: all stages together take no time", hint='Give one a duration, such as "30s".')
