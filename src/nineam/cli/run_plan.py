"""Puts load, traffic, gates and HTTP options together into the plan of a run."""

from collections.abc import Mapping
from typing import Any

from nineam.cli.asked import Options
from nineam.cli.gates import Gates, gates_of, objective_of
from nineam.cli.load_plan import DISCOVERED_THINK_S, goal_of, scenarios_of, think_of, words_of
from nineam.cli.traffic import Traffic
from nineam.errors import UsageError
from nineam.load.thresholds import Threshold, parse_all
from nineam.model import ClientShare, HttpOptions, LoadPlan, Scenario
from nineam.model.scenario import most_vus
from nineam.monday.fixed import stair_of
from nineam.monday.plan import Goal, RunPlan

ANSWER_TIMEOUT_S = 30.0


def plan_of(options: Options, traffic: Traffic, place: str) -> tuple[RunPlan, dict[str, Any]]:
    """Return the plan and what is kept of it with the run. `place` is where the settings stand; raises UsageError."""
    slo = objective_of(options.slo)
    scenarios = scenarios_of(options, traffic, place)
    goal = Goal() if scenarios else goal_of(options)
    gates = gates_of(options, traffic.journeys, scenarios, place)
    think = think_of(options, traffic)
    plan = RunPlan(
        load=_load(options, traffic, _clients(options.clients, goal, scenarios, place)),
        goal=goal,
        climb=not options.no_climb,
        scenarios=scenarios,
        words=words_of(scenarios),
        unit="iters" if traffic.unit == "journeys" else "req",
        aborts=gates.aborts,
        objective_ms=slo.limit,
        objective_percent=slo.percent or 95.0,
        think_s=think,
        localhost_s=options.localhost_time,
        stair_s=options.stair_time,
        after_s=options.after_time,
        observer_s=options.observer_time,
        capacity_s=options.capacity_time or 0.0,
        proof_s=options.proof_time,
    )
    limit = _level(scenarios) if scenarios else goal.limit
    meta = {
        "goal_limit": limit,
        "unit": traffic.unit,
        "click_s": think or DISCOVERED_THINK_S,
        "suspect": options.suspect,
        "seed": options.seed,
        "plan": plan.words,
        "scenarios": [scenario.name for scenario in scenarios],
    }
    return plan, meta | _gate_facts(slo, gates, options, judged=bool(limit))


def _level(scenarios: tuple[Scenario, ...]) -> float:
    stair = stair_of(scenarios)
    return float(stair.users or stair.rate or 1)


def _gate_facts(slo: Threshold, gates: Gates, options: Options, *, judged: bool) -> dict[str, Any]:
    """Return what reports need to read the thresholds again; the objective is a gate where there is a goal."""
    custom = gates.custom
    return {
        "slo": slo.source,
        "objective_ms": slo.limit,
        "thresholds": [*gates.texts, *([options.slo] if judged and not _is_among(slo, gates) else [])],
        "custom_metrics": dict(custom) if isinstance(custom, Mapping) else sorted(custom),
        "custom_tags": sorted(gates.tags),
    }


def _is_among(slo: Threshold, gates: Gates) -> bool:
    """Whether the objective is one of the thresholds anyway, however that is written."""
    given = (threshold for text in gates.texts for threshold in parse_all(text, gates.custom, gates.tags))
    return any(threshold._replace(source="") == slo._replace(source="") for threshold in given)


def _load(options: Options, traffic: Traffic, clients: tuple[ClientShare, ...]) -> LoadPlan:
    http = HttpOptions(
        insecure_skip_tls_verify=options.insecure_skip_tls_verify,
        no_connection_reuse=options.no_connection_reuse,
        http2=options.http2,
        proxy=_proxy(options.proxy),
        connect_timeout_s=options.connect_timeout or 0.0,
    )
    return LoadPlan(
        base_url="",
        seed=options.seed,
        timeout_s=options.timeout or ANSWER_TIMEOUT_S,
        http=http,
        clients=clients,
        **traffic.plan,
    )


def _proxy(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise UsageError(f"--proxy {text!r}: expected an URL", hint="write it like http://127.0.0.1:3128")
    return text


def _clients(asked: Any, goal: Goal, scenarios: tuple[Scenario, ...], place: str) -> tuple[ClientShare, ...]:
    """Read `--clients`, or the table of the settings, and see that there are users enough. Raises UsageError."""
    if not asked:
        return ()
    from nineam.traffic.clients import ensure_fits, parse_clients, parse_clients_table  # noqa: PLC0415 - seldom needed

    where = f"{place}: clients" if isinstance(asked, Mapping) else "--clients"
    shares = parse_clients_table(asked, where) if isinstance(asked, Mapping) else parse_clients(asked)
    planned = sum(most_vus(scenario) for scenario in scenarios if scenario.executor != "polite")
    aimed_at = round(goal.limit) if goal.kind == "users" else 0
    ensure_fits(shares, planned if scenarios else aimed_at, where)
    return shares
