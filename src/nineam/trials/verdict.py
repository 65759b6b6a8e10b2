"""From the results of trials to one sentence: gates decide, never a mean. Pure."""

from collections import Counter
from collections.abc import Sequence

from nineam.model.run import Verdict
from nineam.model.trial import TrialResult

NEVER_TESTED = (
    "more than one machine, and the network between them",
    "the real load balancer, TLS edge and DNS",
    "limits of the cloud and of the container (memory, processor, connections)",
    "hours of load: leaks and caches that grow slowly",
)


def verdict(results: Sequence[TrialResult], rate: float) -> Verdict:
    """READY FOR what passed, NOT READY when a gate failed, NOT PROVEN when something could not be told."""
    counted = Counter(each.result for each in results)
    made = counted["pass"] + counted["fail"] + counted["inconclusive"]
    fraction = f"{counted['pass']} of {made} passed"
    others = [f"{counted[kind]} {kind}" for kind in ("inconclusive", "not-run") if counted[kind]]
    tail = "; ".join((fraction, *others, *_slowest(results)))
    failed = [each.name for each in results if each.result == "fail"]
    if failed:
        return Verdict(status="not-ready", sentence=f"NOT READY: {', '.join(failed)} ({tail})")
    if not counted["pass"] or counted["inconclusive"] or counted["not-run"]:
        return Verdict(status="not-proven", sentence=f"NOT PROVEN ({tail})")
    conditions = ", ".join(each.name for each in results if each.result == "pass")
    return Verdict(status="ready", sentence=f"READY FOR {conditions} at {rate:g} requests/s ({tail})")


def _slowest(results: Sequence[TrialResult]) -> list[str]:
    """Name the worst recovery: never is worse than any number."""
    never = [each.name for each in results if each.recovered is False]
    if never:
        return [f"no recovery in {', '.join(never)}"]
    timed = [(each.recovery_s, each.name) for each in results if each.recovery_s is not None]
    if not timed:
        return []
    worst = max(timed)
    return [f"worst recovery {worst[0]:.1f} s ({worst[1]})"]


def not_tested(results: Sequence[TrialResult], left_out: Sequence[str]) -> tuple[str, ...]:
    """List what nobody may conclude anything about."""
    reasons: dict[str, list[str]] = {}
    for each in results:
        if each.result in ("not-run", "not-applicable"):
            reasons.setdefault(each.sentence, []).append(each.name)
    missing = [f"{', '.join(names)}: {reason}" for reason, names in reasons.items()]
    unasked = [f"not asked for: {', '.join(left_out)}"] if left_out else []
    parts = dict.fromkeys(f"{each.name}: {text}" for each in results for text in each.left_out)
    return (*missing, *parts, *unasked, *NEVER_TESTED)
