"""Half an hour of open arrivals at a constant rate: whether the load process stays as large as it was."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.outcomes import Outcome, Settings, Verdict
from benchmarks.programs import SCRIPTS
from benchmarks.reported import event_of, nineam_job
from benchmarks.running import Ran, Sample, run
from benchmarks.servers import running
from benchmarks.steadiness import Steadiness, sparkline, steadiness
from benchmarks.tables import disturbance, markdown
from nineam.histogram import Histogram
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase

MINUTES, RATE, MOST_USERS = 30.0, 2000.0, 2000
EVERY_S, SAMPLES = 10.0, 30  # memory is looked at so often, and at least so many times
PATIENCE_S = 60.0
MOST_GROWTH = 0.05


class Course:
    """What happened, row by row of the table: rows are minutes, or tenths of a short run."""

    def __init__(self, seconds: float) -> None:
        self.row_s = 60.0 if seconds >= 600 else seconds / 10
        self.rows = [LoadStats()] * math.ceil(seconds / self.row_s)

    def take(self, line: bytes) -> None:
        """Add what the load process says to its row."""
        event = event_of(line)
        row = min(int(event.elapsed_s / self.row_s), len(self.rows) - 1)
        self.rows[row] = merge(self.rows[row], event.stats)


def measure(settings: Settings) -> Outcome:
    """Run the soak once; only nineam takes part."""
    seconds = (settings.minutes or MINUTES) * 60
    rate = settings.rate or RATE
    course = Course(seconds)
    with running("benchmarks.server", core=settings.cores.server) as server:
        ran = run(
            nineam_job(_plan(server.base_url), _phase(seconds, rate)),
            settings.cores.generator,
            limit_s=seconds + PATIENCE_S,
            memory_every_s=min(EVERY_S, seconds / SAMPLES),
            each_line=course.take,
            each_sample=lambda sample: settings.tell(f"{sample.at_s:.0f} s: {sample.megabytes:.1f} MB"),
        )
    steady = steadiness(ran.memory)
    return Outcome(_lines(course, ran, steady, seconds, rate), [_verdict(steady)], _data(course, ran, steady, rate))


def _plan(base_url: str) -> LoadPlan:
    return LoadPlan(base_url=base_url, journeys_file=str(SCRIPTS / "monday.py"))


def _phase(seconds: float, rate: float) -> Phase:
    return Phase(name="soak", executor="constant-arrival-rate", duration_s=seconds, rate=rate, max_vus=MOST_USERS)


def _verdict(steady: Steadiness) -> Verdict:
    measured = f"{steady.growth:+.1%} at the end, {steady.highest:+.1%} at most"
    held = abs(steady.growth) <= MOST_GROWTH and steady.highest <= MOST_GROWTH
    return Verdict(f"nineam: resident memory flat within {MOST_GROWTH:.0%}", measured, held)


def _lines(course: Course, ran: Ran, steady: Steadiness, seconds: float, rate: float) -> list[str]:
    total = sum(row.generator.requests for row in course.rows)
    rows = [_row(number, course, _within(ran.memory, number, course.row_s)) for number in range(len(course.rows))]
    means = [statistics.fmean(_within(ran.memory, number, course.row_s) or [0]) for number in range(len(rows))]
    return [
        f"{rate:,.0f} iterations/s for {seconds / 60:g} minutes, open arrivals, one check, the answer parsed as JSON:",
        f"{total:,} requests, {ran.cpu_s * 1e6 / max(1, total):.1f} us of CPU each. Resident memory: second tenth",
        f"{steady.before_mb:.1f} MB, last tenth {steady.after_mb:.1f} MB, at most {steady.most_mb:.1f} MB.",
        "",
        f"`{sparkline(means, 0, max(means))}` from 0 to {max(means):.1f} MB",
        "",
        disturbance([ran.others]),
        "",
        *markdown(["minute", "MB", "requests", "failed", "dropped", "slip p99, ms"], rows),
    ]


def _row(number: int, course: Course, megabytes: Sequence[float]) -> list[str]:
    row = course.rows[number]
    return [
        f"{number * course.row_s / 60:g}",
        f"{statistics.fmean(megabytes):.1f}" if megabytes else "-",
        f"{row.generator.requests:,}",
        f"{sum(endpoint.failed for endpoint in row.endpoints):,}",
        f"{row.generator.dropped_iterations:,}",
        f"{Histogram.from_data(row.generator.slip).percentile(99) / 1e3:.2f}",
    ]


def _within(samples: Sequence[Sample], number: int, row_s: float) -> list[float]:
    return [sample.megabytes for sample in samples if number * row_s <= sample.at_s < (number + 1) * row_s]


def _data(course: Course, ran: Ran, steady: Steadiness, rate: float) -> dict[str, Any]:
    return {
        "rate": rate,
        "requests": sum(row.generator.requests for row in course.rows),
        "dropped": sum(row.generator.dropped_iterations for row in course.rows),
        "cpu_s": ran.cpu_s,
        "steadiness": steady._asdict(),
        "memory": [sample._asdict() for sample in ran.memory],
    }
