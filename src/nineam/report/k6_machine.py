"""The run as k6's machine-readable summary, schema 1.0.0, with what that schema has no place for beside it.

Added keys: `p(99)` of trends, `thresholds` and `endpoints` in `results`, `verdict`, and `generator` in `metadata`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from nineam.model import CheckResult, Metric, RunDocument
from nineam.report.data import pretty

SCHEMA_VERSION = "1.0.0"
_TREND = ("avg", "min", "med", "max", "p(90)", "p(95)", "p(99)")


def render_k6_machine(document: RunDocument) -> str:
    """Pretty JSON ending in a newline; durations are milliseconds, `config.duration` seconds."""
    summary = {
        "version": SCHEMA_VERSION,
        "config": {"execution": "local", "script": document.target.command, "duration": document.totals.seconds},
        "metadata": {
            "k6Version": "",
            "generatedAt": _generated_at(document),
            "generator": {"name": "nineam", "version": document.version},
        },
        "verdict": document.verdict,
        "results": {
            "checks": {"metrics": _check_metrics(document), "results": document.checks},
            "metrics": [_metric(name, metric) for name, metric in document.metrics.items()],
            "thresholds": document.thresholds,
            "endpoints": [{"name": name} | _endpoint(seen) for name, seen in document.monday.endpoints.items()],
        },
    }
    return pretty(msgspec.to_builtins(summary))


def _generated_at(document: RunDocument) -> str:
    """When the run ended: the same for a report made a year later."""
    try:
        began = datetime.fromisoformat(document.started)
    except ValueError:
        began = datetime.fromtimestamp(0, UTC)
    return (began + timedelta(seconds=document.seconds)).isoformat().replace("+00:00", "Z")


def _endpoint(seen: Any) -> dict[str, Any]:
    return {key: value for key, value in msgspec.structs.asdict(seen).items() if key != "layers_ms"}


def _metric(name: str, metric: Metric) -> dict[str, Any]:
    return {"name": name, "type": metric.type, "contains": metric.contains, "values": _values(metric)}


def _values(metric: Metric) -> dict[str, float]:
    values = metric.values
    if metric.type == "counter":
        return {"count": values.get("count", 0.0)}
    if metric.type == "gauge":
        return {key: values.get(key, 0.0) for key in ("max", "min", "value")}
    if metric.type == "rate":
        matches = values.get("matches", values.get("passes", 0.0))
        total = values.get("total", matches + values.get("fails", 0.0))
        return {"matches": int(matches), "rate": values.get("rate", 0.0), "total": int(total)}
    return {key: values[key] for key in _TREND if key in values}


def _check_metrics(document: RunDocument) -> list[dict[str, Any]]:
    """Return what the terminal shows above the checks, in k6's order: total, failed, succeeded."""
    passes, fails = _sums(document.checks)
    total = {"name": "checks_total", "type": "counter", "contains": "default", "values": {"count": passes + fails}}
    return [total, _share("checks_failed", fails, passes + fails), _share("checks_succeeded", passes, passes + fails)]


def _sums(checks: tuple[CheckResult, ...]) -> tuple[int, int]:
    return sum(check.passes for check in checks), sum(check.fails for check in checks)


def _share(name: str, matches: int, total: int) -> dict[str, Any]:
    values = {"matches": matches, "rate": matches / total if total else 0.0, "total": total}
    return {"name": name, "type": "rate", "contains": "default", "values": values}
