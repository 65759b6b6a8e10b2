"""Reported latency against the truth: a server with a known distribution of service times, which freezes once.

Where requests carry the number of their arrival, the server writes down when it answered each, so the truth of a run
is computed from what really happened. For the others it is what an ideal observer at the same rate would have seen.
"""

from itertools import islice
from typing import Any, NamedTuple

from benchmarks.observers import OBSERVERS, Load, Observer
from benchmarks.outcomes import Outcome, Settings, Verdict
from benchmarks.programs import find, version
from benchmarks.reported import PERCENTILES, Reported, events_in, stats_of
from benchmarks.running import Ran, run
from benchmarks.servers import running
from benchmarks.tables import disturbance, markdown, range_of, spread
from benchmarks.truth import (
    Freeze,
    Served,
    earliest_start,
    ideal_latencies,
    lateness,
    mean_service_s,
    off_by,
    paired_latencies,
    percentile,
    service_times,
)

REPEATS, SECONDS, RATE = 5, 30.0, 200.0
MEDIAN_S, P99_S = 0.005, 0.050
FREEZE_S = 2.0
PATIENCE_S = 90.0
MOST_OFF = 0.03


class Seen(NamedTuple):
    """One run: what was reported, what an open observer must have seen, and how late the server read (median, ms).

    `others` is the share of the generator's core that other processes took.
    """

    reported: Reported
    truth: Reported
    others: float
    late_ms: float | None = None

    @property
    def off(self) -> tuple[float, ...]:
        """The relative error at each of `PERCENTILES`."""
        pairs = zip(self.reported.percentiles, self.truth.percentiles, strict=True)
        return tuple(off_by(reported, true) for reported, true in pairs)


def measure(settings: Settings) -> Outcome:
    """Measure every tool that is installed, taking turns; the same seeds for each."""
    asked = [observer for observer in OBSERVERS if settings.wants(observer.name)]
    programs = {observer.name: find(observer.program) for observer in asked if observer.program}
    present = [observer for observer in asked if programs.get(observer.name, "present")]
    rate, seconds = settings.rate or RATE, settings.seconds or SECONDS
    load = Load("", rate, seconds, max(1, round(rate * mean_service_s(MEDIAN_S, P99_S))))
    runs: dict[str, list[Seen]] = {observer.name: [] for observer in present}
    for turn in range(settings.repeats or REPEATS):
        for observer in present:
            one = _once(observer, programs.get(observer.name, ""), load, turn + 1, settings)
            runs[observer.name].append(one)
            errors = " ".join(f"p{percent:g} {off:+.1%}" for percent, off in zip(PERCENTILES, one.off, strict=True))
            settings.tell(f"round {turn + 1}: {observer.name} {errors}")
    versions = {name: version(program) for name, program in programs.items() if program}
    missing = [observer.name for observer in asked if observer not in present]
    return Outcome(_lines(runs, present, versions, missing, load), _verdicts(runs), _data(runs, versions, load))


def freeze_of(load: Load) -> Freeze:
    """Give the freeze in the middle of a run; short runs have a shorter one."""
    length = min(FREEZE_S, load.seconds / 5)
    begin = (load.seconds - length) / 2
    return Freeze(begin, begin + length)


def _once(observer: Observer, program: str, load: Load, seed: int, settings: Settings) -> Seen:
    freeze = freeze_of(load)
    arguments = (seed, MEDIAN_S, P99_S, freeze.begin_s, freeze.end_s - freeze.begin_s)
    with running("benchmarks.freezing_server", *arguments, core=settings.cores.server) as server:
        job = observer.job(program, load._replace(base_url=server.base_url))
        ran = run(job, settings.cores.generator, limit_s=load.seconds + PATIENCE_S)
        found = server.findings()
    if observer.numbered:
        served = [Served(*each) for each in found["served"]]
        began_ns = earliest_start(load.rate, served) if observer.program else _start_of(ran)
        truth = _truth(paired_latencies(began_ns, load.rate, served))
        late_ms = percentile(lateness(began_ns, load.rate, served), 50) * 1e3
        return Seen(observer.reported(ran.output), truth, ran.others, late_ms)
    services = islice(service_times(seed, MEDIAN_S, P99_S), round(load.rate * load.seconds) + 1)
    truth = _truth(ideal_latencies(load.rate, load.seconds, services, freeze))
    return Seen(observer.reported(ran.output), truth, ran.others)


def _start_of(ran: Ran) -> int:
    """When nineam's schedule began, on the clock that it shares with the server."""
    events = events_in(ran.output)
    if stats_of(events).generator.dropped_iterations:
        raise RuntimeError("nineam dropped iterations: the numbers of its requests are not those of the arrivals")
    last = [event for event in events if event.kind == "done"][-1]
    return last.at_ns - round(last.elapsed_s * 1e9)


def _truth(latencies: list[float]) -> Reported:
    percentiles = tuple(percentile(latencies, percent) * 1e3 for percent in PERCENTILES)
    mean = sum(latencies) / len(latencies) * 1e3
    return Reported(len(latencies), mean, percentiles, max(latencies) * 1e3)


def _lines(
    runs: dict[str, list[Seen]], present: list[Observer], versions: dict[str, str], missing: list[str], load: Load
) -> list[str]:
    freeze = freeze_of(load)
    rows = []
    for observer in present:
        mine = runs[observer.name]
        title = f"what happened to {observer.name}'s requests" if observer.numbered else "an ideal observer"
        if all(title != row[0] for row in rows):
            rows.append(_truth_row(title, mine))
        name = f"{observer.name} {versions.get(observer.name, '')}".strip()
        rows.append(_row(name, mine, observer.does))
    return [
        f"A server with log-normal service times (median {MEDIAN_S * 1e3:g} ms, p99 {P99_S * 1e3:g} ms) that neither",
        f"reads nor answers for {freeze.end_s - freeze.begin_s:g} s in the middle; {load.rate:g} requests/s for",
        f"{load.seconds:g} s, wrk with {load.connections} connections. ms, medians of the runs, and the median error",
        "against the row of the truth above.",
        "",
        *markdown(["", *(f"p{percent:g}" for percent in PERCENTILES), "max", "requests", "how"], rows),
        "",
        *_lateness_lines(runs),
        disturbance([one.others for mine in runs.values() for one in mine]),
        *(f"{name}: not installed, skipped" for name in missing),
    ]


def _lateness_lines(runs: dict[str, list[Seen]]) -> list[str]:
    """How late the requests were read whose truth is computed from the log: that is part of the truth."""
    late = {name: [one.late_ms for one in mine if one.late_ms is not None] for name, mine in runs.items()}
    return [
        f"{name}'s requests were read {range_of(spread(values), 2)} ms after they were intended (medians of the runs)"
        for name, values in late.items()
        if values
    ]


def _truth_row(title: str, mine: list[Seen]) -> list[str]:
    columns = zip(*(one.truth.percentiles for one in mine), strict=True)
    cells = [f"{spread(column).median:,.1f}" for column in columns]
    most = f"{spread([one.truth.max_ms for one in mine]).median:,.1f}"
    return [title, *cells, most, f"{spread([one.truth.requests for one in mine]).median:,.0f}", "computed"]


def _row(name: str, mine: list[Seen], does: str) -> list[str]:
    columns = zip(*(one.reported.percentiles for one in mine), strict=True)
    errors = zip(*(one.off for one in mine), strict=True)
    cells = [
        f"{spread(column).median:,.1f} ({spread(error).median:+.1%})"
        for column, error in zip(columns, errors, strict=True)
    ]
    most = f"{spread([one.reported.max_ms for one in mine]).median:,.1f}"
    return [name, *cells, most, f"{spread([one.reported.requests for one in mine]).median:,.0f}", does]


def _verdicts(runs: dict[str, list[Seen]]) -> list[Verdict]:
    verdicts = []
    for place, percent in enumerate(PERCENTILES):
        errors = [one.off[place] for one in runs.get("nineam", [])]
        if errors:
            worst = max(errors, key=abs)
            target = f"nineam: p{percent:g} within {MOST_OFF:.0%} of the truth in every run"
            verdicts.append(Verdict(target, f"at most {worst:+.2%}", abs(worst) <= MOST_OFF))
    return verdicts


def _as_dict(one: Seen) -> dict[str, Any]:
    return {**one._asdict(), "reported": one.reported._asdict(), "truth": one.truth._asdict()}


def _data(runs: dict[str, list[Seen]], versions: dict[str, str], load: Load) -> dict[str, Any]:
    tools = {
        name: {
            "version": versions.get(name, ""),
            "runs": [_as_dict(one) for one in mine],
        }
        for name, mine in runs.items()
    }
    return {"rate": load.rate, "seconds": load.seconds, "percentiles": PERCENTILES, "tools": tools}
