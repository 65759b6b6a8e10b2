"""What a run tells its listeners of a phase: that it began, how it goes, how it ended. Pure."""

from collections.abc import Collection

from nineam.endpoints import judged
from nineam.load.metrics import response_times
from nineam.model import LoadEvent, LoadStats, Phase
from nineam.monday.events import PhaseBegan, PhaseEnded, Progress
from nineam.monday.fixed import is_bounded_by_work
from nineam.monday.plan import RunPlan, Stair


def began(plan: RunPlan, kind: str, number: int, stair: Stair, phase: Phase) -> PhaseBegan:
    """Say that a phase began; what the plan calls its load is only said of Monday."""
    monday = kind == "monday"
    return PhaseBegan(
        kind=kind,
        stair=number,
        users=stair.users,
        rate=stair.rate,
        seconds=phase.duration_s,
        words=plan.words if monday else "",
        at_most=monday and is_bounded_by_work(plan.scenarios),
        unit=plan.unit,
    )


def progress(kind: str, event: LoadEvent, so_far: LoadStats) -> Progress:
    """Say how the last interval was, and how many requests of the phase failed so far."""
    times = response_times(judged(event.stats.endpoints))
    seen = judged(so_far.endpoints)
    return Progress(
        kind=kind,
        elapsed_s=event.elapsed_s,
        active_users=event.active_vus,
        rate=times.count / max(0.1, event.stats.generator.wall_s),
        p95_ms=times.percentile(95) / 1000,
        failed=sum(endpoint.failed for endpoint in seen),
        requests=sum(endpoint.requests for endpoint in seen),
    )


def ended(
    plan: RunPlan, kind: str, number: int, stair: Stair, stats: LoadStats, *, seconds: float, why: str,
    exempt: Collection[str],
) -> PhaseEnded:  # fmt: skip
    """Say how a phase of so many seconds was, and why it did not hold."""
    times = response_times(judged(stats.endpoints))
    bad = sum(endpoint.failed for endpoint in judged(stats.endpoints))
    return PhaseEnded(
        kind=kind,
        stair=number,
        rate=stair.rate,
        users=stair.users,
        achieved_rate=times.count / max(0.1, seconds),
        p95_ms=times.percentile(95) / 1000,
        failed_rate=bad / max(1, times.count),
        broke=why,
        words=plan.words if kind == "monday" else "",
        unit=plan.unit,
        exempt=tuple(sorted(exempt)),
    )
