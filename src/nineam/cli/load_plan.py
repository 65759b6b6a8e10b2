"""From what the user said to the load: a goal to climb to, or a plan of scenarios that is run as it is."""

import re
from typing import Any

import msgspec

from nineam.cli.asked import LOADS, Options, spelt
from nineam.cli.traffic import Traffic
from nineam.errors import UsageError
from nineam.model import Scenario
from nineam.model.durations import seconds, spelt_out
from nineam.model.scenario import CLOSED, ITERATIONS, OPEN
from nineam.model.scenario_options import scenario_from
from nineam.monday.chosen import ensure_possible, ensure_there
from nineam.monday.plan import Goal

DISCOVERED_THINK_S = 1.0
STAGE = re.compile(r"\s*(?P<time>[^:\s]+)\s*:\s*(?P<target>\d+(?:\.\d+)?)\s*")
PLAN_OPTIONS = ("executor", "stages", "iterations", "spawn_rate")
THINKING = ("constant-vus", "ramping-vus", "sessions")
"""Executors whose users think between iterations even if nobody says how long."""


def goal_of(options: Options) -> Goal:
    """Read a goal to climb to: `--users` or `--rate`, and how long to stay. Raises UsageError."""
    if options.users and options.rate:
        raise UsageError("--users and --rate exclude each other", hint="users are closed load, a rate is open load")
    limit = float(options.users or options.rate or 0)
    duration = duration_of(options)
    if duration and not limit:
        raise UsageError("--duration needs a load to hold", hint="say --users or --rate too, or leave --duration out")
    if options.no_climb and not limit:
        raise UsageError("--no-climb needs a load to go to", hint="say --users or --rate too")
    return Goal(kind="users" if options.users else "rate", limit=limit, duration_s=duration)


def duration_of(options: Options) -> float:
    """Read `--duration`, in seconds; 0 when nobody said. Raises UsageError."""
    if not options.duration:
        return 0.0
    duration = seconds(options.duration, "--duration")
    if not duration:
        raise UsageError(f"--duration {options.duration!r}: expected more than nothing", hint="write it like 30s or 2m")
    return duration


def scenarios_of(options: Options, traffic: Traffic, place: str) -> tuple[Scenario, ...]:
    """Return the scenarios of an explicit plan; empty when there is a goal, or nothing, to climb to.

    `place` is where the settings stand. Raises UsageError.
    """
    if options.access_log:
        _refuse(options, LOADS, "--access-log says itself when each request is sent", "use --speed")
        return tuple(_at_most(scenario, duration_of(options)) for scenario in traffic.scenarios)
    if options.scenarios:
        hint = "the load stands in the scenarios; remove one or the other"
        others = tuple(name for name in (*LOADS, "duration") if name != "scenarios")
        _refuse(options, others, f"{place}: [scenarios] says how much is sent", hint)
        found = tuple(_table(name, table, place) for name, table in options.scenarios.items())
    elif options.given(PLAN_OPTIONS):
        found = (scenario_from("default", _asked(options), spelt(options.given(PLAN_OPTIONS)[0])),)
    elif not options.given(LOADS):
        found = traffic.scenarios
    else:
        return ()
    _check_exec(found, traffic, place)
    _check_replay(found)
    return tuple(_thinking(scenario, options, traffic) for scenario in found)


def _at_most(scenario: Scenario, seconds: float) -> Scenario:
    """Cut a recorded load short; 0: play all of it."""
    return msgspec.structs.replace(scenario, duration_s=min(scenario.duration_s, seconds or scenario.duration_s))


def _refuse(options: Options, names: tuple[str, ...], why: str, hint: str) -> None:
    given = options.given(names)
    if given:
        raise UsageError(f"{' and '.join(spelt(name) for name in given)}: {why}", hint=hint)


def _table(name: str, table: dict[str, Any], place: str) -> Scenario:
    return scenario_from(name, table, f"{place} [scenarios.{name}]")


def _asked(options: Options) -> dict[str, Any]:
    """Spell the load options of the command line as k6's options of one scenario. Raises UsageError."""
    executor = options.executor or _implied(options)
    asked: dict[str, Any] = {"executor": executor}
    if options.stages:
        _refuse(options, ("duration",), "--stage says how long each stage lasts", "leave --duration out")
        asked["stages"] = [_stage(stage) for stage in options.stages]
    if options.spawn_rate:
        asked["stages"] = _spawning(options)
    if options.iterations is not None:
        asked["iterations"] = options.iterations
    if options.think is not None:
        asked["think"] = options.think
    asked |= _users_and_rate(options, executor)
    if options.duration and not options.spawn_rate:
        name = "maxDuration" if executor in ITERATIONS else "duration"
        duration_of(options)
        asked[name] = options.duration
    return asked


def _implied(options: Options) -> str:
    """Name the executor that the options mean without saying so, as k6 does."""
    kinds = {"stages": "ramping-vus", "iterations": "shared-iterations", "spawn_rate": "ramping-vus"}
    given = options.given(tuple(kinds))
    if len(given) > 1:
        names = " and ".join(spelt(name) for name in given)
        raise UsageError(f"{names} exclude each other", hint="each of them is a plan of its own")
    if given[0] != "stages" and options.rate:
        raise UsageError(
            f"{spelt(given[0])} and --rate exclude each other", hint="a rate is open load, users are closed"
        )
    if given[0] == "stages" and options.rate:
        return "ramping-arrival-rate"
    return kinds[given[0]]


def _users_and_rate(options: Options, executor: str) -> dict[str, Any]:
    """Spell `--users` and `--rate` as the executor knows them."""
    asked: dict[str, Any] = {}
    if options.users and not options.spawn_rate:
        names = {"ramping-vus": "startVUs"} | dict.fromkeys(OPEN, "maxVUs")
        asked[names.get(executor, "vus")] = options.users
    if options.rate:
        asked["startRate" if options.stages and executor in OPEN else "rate"] = options.rate
    return asked


def _spawning(options: Options) -> list[dict[str, Any]]:
    """Ramp to `--users` at `--spawn-rate`, then stay until `--duration` is over, as Locust does."""
    duration = duration_of(options)
    if not options.users or not duration:
        raise UsageError("--spawn-rate needs --users and --duration", hint="like -u 100 -r 10 -t 1m")
    assert options.spawn_rate is not None
    ramp = min(duration, options.users / options.spawn_rate)
    stages = [{"duration": ramp, "target": round(min(options.users, ramp * options.spawn_rate))}]
    return [*stages, {"duration": duration - ramp, "target": options.users}] if duration > ramp else stages


def _stage(stage: Any) -> dict[str, Any]:
    """Read `30s:100`; the settings may also spell it as k6's table. Raises UsageError."""
    if isinstance(stage, dict):
        return stage
    match = STAGE.fullmatch(str(stage))
    if not match:
        raise UsageError(f"--stage {stage!r}: expected TIME:TARGET", hint="write it like 30s:100")
    seconds(match["time"], f"--stage {stage!r}:")
    target = float(match["target"])
    return {"duration": match["time"], "target": int(target) if target.is_integer() else target}


def _check_exec(scenarios: tuple[Scenario, ...], traffic: Traffic, place: str) -> None:
    """Raise UsageError for a scenario that runs what is not there."""
    if traffic.names:
        ensure_there(scenarios, traffic.names, place)
    else:
        ensure_possible(scenarios, place)


def _check_replay(scenarios: tuple[Scenario, ...]) -> None:
    if any(scenario.executor == "replay" for scenario in scenarios):
        raise UsageError("the executor replay has nothing to replay", hint="name a log: --access-log FILE")


def _thinking(scenario: Scenario, options: Options, traffic: Traffic) -> Scenario:
    """Let the users of traffic that nobody wrote think between clicks, unless the scenario says how long."""
    if scenario.think_s or traffic.unit == "journeys" or scenario.executor not in THINKING or options.think == 0:
        return scenario
    think = DISCOVERED_THINK_S if options.think is None else options.think
    return msgspec.structs.replace(scenario, think_s=think)


def think_of(options: Options, traffic: Traffic) -> float:
    """Seconds that users think between iterations of a climb."""
    if options.think is not None:
        return options.think
    return 0.0 if traffic.unit == "journeys" else DISCOVERED_THINK_S


def words_of(scenarios: tuple[Scenario, ...]) -> str:
    """Spell an explicit plan in a few words; empty when there is none."""
    if len(scenarios) == 1:
        return _words(scenarios[0])
    *others, last = [f"{_words(scenario)} ({scenario.name})" for scenario in scenarios] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _words(scenario: Scenario) -> str:
    users = f"{scenario.vus} user{'s' if scenario.vus != 1 else ''}"
    if scenario.executor in ITERATIONS:
        each = " each" if scenario.executor == "per-vu-iterations" else ""
        how_many = f" of {scenario.iterations}{each} by {users}"
    elif scenario.executor in CLOSED:
        how_many = f" with {users}"
    elif scenario.stages:
        how_many = f" up to {_highest(scenario):g}{'/s' if scenario.executor in OPEN else ' users'}"
    else:
        how_many = f" at {scenario.rate:.3g}/s" if scenario.rate else ""
    return f"{scenario.executor}{how_many}{_replayed(scenario) if scenario.executor == 'replay' else ''}"


def _highest(scenario: Scenario) -> float:
    start = scenario.start_rate if scenario.executor in OPEN else scenario.start_vus
    return max(start, *(stage.target for stage in scenario.stages))


def _replayed(scenario: Scenario) -> str:
    faster = f", {scenario.speed:g} times as fast" if scenario.speed != 1 else ""
    return f"{faster}, {spelt_out(scenario.duration_s)}"
