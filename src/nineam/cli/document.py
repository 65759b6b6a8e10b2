"""Puts a run file and its diagnosis together into the document that every report shows."""

from collections.abc import Mapping
from typing import Any

import msgspec

from nineam import __version__
from nineam.cli.silent import silent
from nineam.diagnose.diagnosis import Diagnosis, diagnose
from nineam.diagnose.neighbours import neighbours
from nineam.diagnose.picture import Picture
from nineam.load.metrics import metrics
from nineam.load.thresholds import Threshold, evaluate, parse_all
from nineam.merging import merge
from nineam.model import (
    GaugeData,
    Git,
    LoadStats,
    Machine,
    Metric,
    Observer,
    RunDocument,
    TargetInfo,
    ThresholdResult,
    Totals,
)
from nineam.store.records import RunData, StoredPhase

RETRIED_OF = "http_req_retried{name:"
MOST_RETRIED = 3


def document(run: RunData, suspicion: str = "") -> RunDocument:
    """Build the document; pure."""
    diagnosis = diagnose(run, suspicion or str(run.meta.get("suspect", "")))
    meta = run.meta
    picture = Picture(run)
    judged = _judged(picture)
    stats = LoadStats()
    for phase in judged:
        stats = merge(stats, picture.stats(phase))
    seconds = sum(phase.seconds for phase in judged)
    measured = metrics(stats, max(0.001, seconds), picture.vus(judged) or _planned(judged)) if judged else {}
    return RunDocument(
        run=run.path,
        started=meta.get("started", ""),
        seconds=_seconds(picture),
        version=__version__,
        git=Git(**meta["git"]) if meta.get("git") else None,
        machine=Machine(**meta.get("machine", {"cores": 0, "python": "", "os": ""})),
        target=TargetInfo(**(_NO_TARGET | meta.get("target", {}) | {"python": meta.get("python", "")})),
        observer=_observer(run),
        thresholds=_thresholds(picture, measured, stats),
        checks=stats.checks,
        metrics=measured,
        totals=Totals(stairs=tuple(phase.stair for phase in judged), seconds=seconds),
        problems=stats.problems,
        notices=(
            *silent(_gates(meta), stats, picture.names.shown),
            *retried(stats),
            *neighbours(picture),
            *run.notices,
        ),
        exempt=tuple(sorted(picture.exempt)),
        interrupted=bool(meta.get("interrupted", False)),
        **_parts(diagnosis),
    )


def retried(stats: LoadStats) -> tuple[str, ...]:
    """Say which requests got no answer on a connection in use and one on the next; they count as if nothing was."""
    counts = {
        name.removeprefix(RETRIED_OF).removesuffix("}"): int(count)
        for name, count in stats.counters.items()
        if name.startswith(RETRIED_OF)
    }
    if not counts:
        return ()
    most = sorted(counts, key=lambda name: (-counts[name], name))[:MOST_RETRIED]
    named = ", ".join(f"{name} {counts[name]}" for name in most)
    more = ", ..." if len(counts) > len(most) else ""
    total = sum(counts.values())
    requests = "request was" if total == 1 else "requests were"
    return (
        f"{total} {requests} sent a second time, because the connection was closed without an answer"
        f" ({named}{more}): idle connections that ended, or workers that did",
    )


_NO_TARGET = {"kind": "", "command": "", "framework": "", "server": "", "database": ""}


def _parts(diagnosis: Diagnosis) -> dict[str, Any]:
    return {name: getattr(diagnosis, name) for name in diagnosis.__struct_fields__}


def _gates(meta: Mapping[str, Any]) -> tuple[Threshold, ...]:
    custom, tags = meta.get("custom_metrics", ()), meta.get("custom_tags", ())
    return tuple(each for text in meta.get("thresholds", ()) for each in parse_all(text, custom, tags))


def _thresholds(picture: Picture, measured: Mapping[str, Metric], stats: LoadStats) -> tuple[ThresholdResult, ...]:
    """Judge every threshold; one that stopped the load has failed, whatever came in afterwards."""
    meta = picture.run.meta
    scenarios, aborted = meta.get("scenarios", ()), meta.get("aborted") or {}
    alone = scenarios[0] if len(scenarios) == 1 else ""
    results = []
    for threshold in _gates(meta):
        result = evaluate(threshold, measured, stats.endpoints, stats.timings, alone, picture.names.shown)
        stopped = (result.metric, result.source) == (aborted.get("metric"), aborted.get("source"))
        results.append(msgspec.structs.replace(result, ok=False) if stopped else result)
    return tuple(results)


def _judged(picture: Picture) -> tuple[StoredPhase, ...]:
    """Return the stairs that checks, metrics and thresholds speak of: the goal's when there is one, else all."""
    if picture.monday is not None and picture.run.meta.get("goal_limit"):
        return (picture.monday,)
    return picture.stairs


def _planned(phases: tuple[StoredPhase, ...]) -> GaugeData:
    """Return the users of phases that were over before anybody looked how many there were."""
    users = [phase.users for phase in phases]
    return GaugeData(value=users[-1], min=min(users), max=max(users))


def _seconds(picture: Picture) -> float:
    ends = [phase.end_ns for phase in picture.phases if phase.end_ns]
    return (max(ends) - picture.phases[0].begin_ns) / 1e9 if ends else 0.0


def _observer(run: RunData) -> Observer:
    cost = run.meta.get("observer_cpu_percent")
    return Observer(
        cpu_percent=cost,
        records=int(run.meta.get("records", 0)),
        dropped=int(run.meta.get("dropped", 0)),
        hooks=run.hooks,
    )
