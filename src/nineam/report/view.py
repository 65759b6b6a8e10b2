"""What every report derives from a run document before it draws: rows, warnings, the stair that broke."""

import math
import re
from dataclasses import dataclass

from nineam.endpoints import not_counting
from nineam.model import Endpoint, RunDocument, Stair
from nineam.report import numbers
from nineam.report.clean import one_line

UNATTRIBUTED = "unattributed"
_LABELS = {"ready": "READY", "not-ready": "NOT READY", "not-proven": "NOT PROVEN"}
_TOLD_FROM_ZERO = 3.0  # percent of CPU that eight blocks of a second can tell from nothing, at best
_LIMIT = re.compile(r"<=?\s*(\d+(?:\.\d+)?)\s*$")


@dataclass(frozen=True)
class EndpointRow:
    """One endpoint, localhost beside Monday; either may not have been measured. `slower` is p95 over p95."""

    name: str
    localhost: Endpoint | None
    monday: Endpoint | None

    @property
    def slower(self) -> float | None:
        """How many times Monday's p95 is localhost's; None when one of them is missing or zero."""
        if self.localhost is None or self.monday is None or not self.localhost.p95_ms > 0:
            return None
        return self.monday.p95_ms / self.localhost.p95_ms

    @property
    def layers(self) -> dict[str, float]:
        """Mean exclusive ms per request under Monday's load, else on localhost."""
        seen = self.monday or self.localhost
        return seen.layers_ms if seen else {}

    def top_layers(self, at_most: int = 3, least_share: float = 0.02) -> list[tuple[str, float]]:
        """Return the layers (name, ms) that took the most; those under `least_share` of the whole are left out.

        What could not be attributed is always named when it is that large.
        """
        known = {layer: ms for layer, ms in self.layers.items() if math.isfinite(ms) and ms > 0}
        total = sum(known.values())
        ranked = sorted(known.items(), key=lambda item: (-item[1], item[0]))
        top = [(layer, ms) for layer, ms in ranked[:at_most] if ms >= least_share * total]
        rest = [(layer, ms) for layer, ms in ranked[at_most:] if layer == UNATTRIBUTED and ms >= least_share * total]
        return top + rest


def endpoint_rows(document: RunDocument) -> list[EndpointRow]:
    """Every endpoint of either phase, the slowest under Monday's load first."""
    names = list(dict.fromkeys((*document.monday.endpoints, *document.localhost.endpoints)))
    rows = [
        EndpointRow(name, document.localhost.endpoints.get(name), document.monday.endpoints.get(name)) for name in names
    ]
    return sorted(rows, key=lambda row: -_slowness(row))


def _slowness(row: EndpointRow) -> float:
    seen = row.monday or row.localhost
    return seen.p95_ms if seen and math.isfinite(seen.p95_ms) else 0.0


def has_layers(document: RunDocument) -> bool:
    """Whether anybody looked inside the application."""
    return any(row.layers for row in endpoint_rows(document))


def headline(document: RunDocument) -> str:
    """Return the verdict in one sentence that begins with its status."""
    sentence = document.verdict.sentence.strip()
    if not sentence or sentence.upper().startswith(label(document)):
        return sentence or label(document)
    return f"{label(document)}: {sentence}"


def label(document: RunDocument) -> str:
    """Return the verdict's status in capitals."""
    return _LABELS[document.verdict.status]


def warnings(document: RunDocument) -> list[str]:
    """Return what must be known before anything else is read; empty when there is nothing."""
    lines = []
    if not document.generator.trustworthy:
        reason = document.generator.reason or "the load generator could not keep its schedule"
        what = "this run was limited by the load generator" if document.generator.requests else "nothing was measured"
        lines.append(f"NOT TRUSTWORTHY: {what}: {reason}")
    if document.interrupted:
        lines.append(f"INTERRUPTED after {numbers.seconds(document.seconds)}: a partial run")
    return lines


def problems(document: RunDocument) -> list[str]:
    """Return the bugs in journeys, each with its line and how many iterations it ended."""
    return [
        one_line(problem.message, 200)
        + (f" at {one_line(problem.where, 100)}" if problem.where else "")
        + f" ({numbers.count(problem.count)} iterations)"
        for problem in document.problems
    ]


def first_broken(document: RunDocument) -> Stair | None:
    """Return the first stair that did not hold."""
    return next((stair for stair in document.stairs if stair.held is False), None)


def held_everywhere(document: RunDocument) -> str:
    """Say that every stair held, and what that leaves out; empty when one did not, or was cut short."""
    if not all(stair.held for stair in document.stairs):
        return ""
    return f"held on every stair{not_counting(document.exempt)}"


def objective_ms(document: RunDocument) -> float | None:
    """Return the limit in ms that the latency objective names, such as 500 of `p(95)<500`; None without one."""
    found = _LIMIT.search(document.capacity.slo)
    return float(found.group(1)) if found else None


def subject(document: RunDocument) -> str:
    """Return what was run, in one line."""
    target = document.target
    parts = (target.framework, target.server, target.database)
    return ", ".join((target.command, *(part for part in parts if part)))


def capacity_sentence(document: RunDocument) -> str:
    """How much the application carries within its objective; empty when that is not known."""
    capacity = document.capacity
    if capacity.rate.low <= 0 and not (capacity.rate.high and document.generator.requests):
        return ""
    rates = numbers.interval(capacity.rate.low, capacity.rate.high, "req/s")
    people = numbers.interval(capacity.users.low, capacity.users.high, "people")
    limit = f", limited by {capacity.limited_by}" if capacity.limited_by else ""
    kind = f" [{capacity.kind}]" if capacity.rate.high is not None else ""  # "at least" says it already
    why = f": {capacity.reason}" if capacity.reason else ""
    return f"Carries {rates} ({people}) within {capacity.slo}{limit}{kind}{why}"


def totals_scope(document: RunDocument) -> str:
    """Return what checks, thresholds and metrics were counted over; empty when it is not known."""
    stairs, seconds = document.totals.stairs, numbers.seconds(document.totals.seconds)
    if not stairs:
        return ""
    if len(stairs) > 1:
        return f"of all {len(stairs)} stairs, {seconds} in all"
    return f"of Monday at {monday_load(document)}, {seconds}"


def monday_load(document: RunDocument) -> str:
    """Return the load that stands for Monday; of users who came and went, how many there were at most."""
    rate, users, vus = document.monday.rate, document.monday.users, document.metrics.get("vus")
    changed = vus is not None and vus.values.get("min") != vus.values.get("max")
    ramped = changed and users and not rate and document.capacity.kind == "cannot-tell"
    return ("up to " if ramped else "") + numbers.load(rate, users)


def recovery_sentence(document: RunDocument) -> str:
    """Whether the application came back."""
    after = document.after
    if after.recovered is None:
        return "after the load: too little was seen to tell whether it came back"
    if not after.recovered:
        return "after the load: it did NOT come back" + (
            f" within {numbers.seconds(after.seconds)}" if after.seconds else ""
        )
    return f"after the load: back to normal in {numbers.seconds(after.seconds)}"


def health_sentence(document: RunDocument) -> str:
    """Whether the health probe tells the truth; empty without a probe."""
    if document.health is None:
        return ""
    if document.health.honest is None:
        return "may or may not be honest: cannot tell"
    if document.health.honest:
        return "answers honestly"
    fails = document.health.failed_rate > 0
    return "fails while users are still served" if fails else "says all is well while users fail"


def generator_sentence(document: RunDocument) -> str:
    """Return what the generator spent and how late it was."""
    generator = document.generator
    return (
        f"generator {'trustworthy' if generator.trustworthy else 'NOT trustworthy'}: "
        f"{numbers.count(generator.requests)} requests, late by {numbers.milliseconds(generator.slip_p99_ms)} (p99), "
        f"{numbers.percent(generator.cpu_share)} of a core, {numbers.short(generator.cpu_us_per_request)} us/request"
    )


def observer_sentence(document: RunDocument) -> str:
    """Return what watching the application cost."""
    observer = document.observer
    if not observer.records and observer.cpu_percent is None:
        return "observer: nobody inside the application"
    cost = "not measured"
    if observer.cpu_percent is not None:
        told = observer.cpu_percent >= _TOLD_FROM_ZERO
        cost = (
            f"{numbers.short(observer.cpu_percent)}% more CPU a request" if told else "its cost is not told from zero"
        )
    return f"observer: {cost}, {numbers.count(observer.records)} records, {numbers.count(observer.dropped)} dropped"


def not_seen(document: RunDocument) -> list[str]:
    """Return what this run cannot speak about, in sentences."""
    lines = []
    if not has_layers(document) and document.observer.records:
        lines.append("What was seen inside the application is of none of these endpoints: it goes by its own names.")
    elif not has_layers(document):
        lines.append("Nobody looked inside the application: where the time went is not known.")
    if document.observer.dropped:
        lines.append(f"{numbers.count(document.observer.dropped)} records were dropped; shares rest on the others.")
    if document.health is None:
        lines.append("No health check was probed.")
    if document.stairs and document.capacity.rate.high is None and not first_broken(document):
        lines.append("The load was never enough to break it: capacity is known from below only.")
    missing = [row.name for row in endpoint_rows(document) if row.monday is None]
    if missing and document.monday.endpoints:
        lines.append("Not reached on Monday: " + ", ".join(missing) + ".")
    return lines + [_large_unattributed(row) for row in endpoint_rows(document) if _large_unattributed(row)]


def _large_unattributed(row: EndpointRow) -> str:
    total = sum(row.layers.values())
    unattributed = row.layers.get(UNATTRIBUTED, 0.0)
    if not total > 0 or unattributed < 0.2 * total:
        return ""
    return f"{row.name}: {numbers.percent(unattributed / total)} of the server's time is {UNATTRIBUTED}."
