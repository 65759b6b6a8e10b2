"""Whether a threshold with `abortOnFail` has failed by now."""

from nineam.load.metrics import metrics
from nineam.load.thresholds import Threshold, evaluate
from nineam.model import GaugeData, LoadStats, ThresholdResult
from nineam.monday.plan import RunPlan


class Failed(ThresholdResult, frozen=True, kw_only=True):
    """A threshold that ended the load, `at_s` seconds into the phase."""

    at_s: float


def failed(plan: RunPlan, stats: LoadStats, elapsed_s: float, vus: int) -> Failed | None:
    """Return the first threshold that does not hold for what a phase counted until now; silence fails none."""
    due = [abort.threshold for abort in plan.aborts if elapsed_s >= abort.delay_s]
    if not due:
        return None
    measured = metrics(stats, max(0.001, elapsed_s), GaugeData(value=vus, min=vus, max=vus))
    for threshold in due:
        result = evaluate(threshold, measured, stats.endpoints, stats.timings, alone(plan))
        if not result.ok and result.value is not None and _has_begun(threshold, stats):
            return Failed(metric=result.metric, source=result.source, ok=False, value=result.value, at_s=elapsed_s)
    return None


def alone(plan: RunPlan) -> str:
    """Name the scenario that everything belongs to, when there is only one."""
    return plan.scenarios[0].name if len(plan.scenarios) == 1 else ""


def _has_begun(threshold: Threshold, stats: LoadStats) -> bool:
    # nothing answered yet is no rate of 0: `http_reqs rate>10` must not fail before the first answer
    return bool(stats.endpoints) or threshold.kind == "gauge"


def spoken(result: Failed) -> str:
    """Say what happened in one line."""
    return f"the load was stopped after {result.at_s:.1f} s: {result.metric} {result.source} failed ({result.value:g})"
