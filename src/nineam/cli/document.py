"""Puts a run file and its diagnosis together into the document that every report shows."""

from typing import Any

from nineam import __version__
from nineam.diagnose.diagnosis import Diagnosis, diagnose
from nineam.diagnose.picture import Picture
from nineam.load.metrics import metrics
from nineam.load.thresholds import evaluate, parse_all
from nineam.merging import merge
from nineam.model import Git, LoadStats, Machine, Observer, RunDocument, TargetInfo
from nineam.store.records import RunData, StoredPhase


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
    vus = diagnosis.monday.users or 0
    measured = metrics(stats, max(0.001, seconds), vus, vus) if judged else {}
    thresholds = [
        threshold
        for text in meta.get("thresholds", ())
        for threshold in parse_all(text, meta.get("custom_metrics", ()))
    ]
    return RunDocument(
        run=run.path,
        started=meta.get("started", ""),
        seconds=_seconds(run),
        version=__version__,
        git=Git(**meta["git"]) if meta.get("git") else None,
        machine=Machine(**meta.get("machine", {"cores": 0, "python": "", "os": ""})),
        target=TargetInfo(**(_NO_TARGET | meta.get("target", {}) | {"python": meta.get("python", "")})),
        observer=_observer(run),
        thresholds=tuple(evaluate(item, measured, stats.endpoints, stats.timings) for item in thresholds),
        checks=stats.checks,
        metrics=measured,
        problems=stats.problems,
        notices=run.notices,
        interrupted=bool(meta.get("interrupted", False)),
        **_parts(diagnosis),
    )


_NO_TARGET = {"kind": "", "command": "", "framework": "", "server": "", "database": ""}


def _parts(diagnosis: Diagnosis) -> dict[str, Any]:
    return {name: getattr(diagnosis, name) for name in diagnosis.__struct_fields__}


def _judged(picture: Picture) -> tuple[StoredPhase, ...]:
    """Return the stairs that checks, metrics and thresholds speak of: the goal's when there is one, else all."""
    if picture.monday is not None and picture.run.meta.get("goal_limit"):
        return (picture.monday,)
    return picture.stairs


def _seconds(run: RunData) -> float:
    ends = [phase.end_ns for phase in run.phases if phase.end_ns]
    return (max(ends) - run.phases[0].begin_ns) / 1e9 if ends else 0.0


def _observer(run: RunData) -> Observer:
    cost = run.meta.get("observer_cpu_percent")
    return Observer(
        cpu_percent=cost,
        records=int(run.meta.get("records", 0)),
        dropped=int(run.meta.get("dropped", 0)),
        hooks=run.hooks,
    )
