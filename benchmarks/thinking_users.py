"""Thousands of users who think: CPU, memory, and whether the reported latency is the server's or the tool's own.

The server's clock says how long each request took it. What the kernel and the loopback interface add is what a probe
sees: one idle client with blocking calls, on the server's core, at the same time.
"""

from typing import Any, NamedTuple

import msgspec

from benchmarks.outcomes import Outcome, Settings, Verdict
from benchmarks.programs import find, version
from benchmarks.reported import Reported
from benchmarks.running import run
from benchmarks.servers import running
from benchmarks.tables import disturbance, markdown, range_of, spread
from benchmarks.thinkers import THINKERS, Crowd, Thinker
from nineam.histogram import Histogram
from nineam.model import HistogramData

REPEATS, SECONDS, USERS = 5, 20.0, 4000
MEMORY_EVERY_S = 0.5
PATIENCE_S = 120.0
MOST_MB, MOST_OFF_MS = 60.0, 1.0
TRUTHS = ("server's mean", "server's p99", "probe's mean", "probe's p99")
HEADER = ("", "us/request", "peak MB", "requests", "mean", "p99", *TRUTHS, "mean - probe's")


class Measurement(NamedTuple):
    """One run: what was burnt, what was reported, what the server and the probe saw meanwhile; ms."""

    cpu_us: float
    peak_mb: float
    requests: int
    reported: Reported
    server_mean_ms: float
    server_p99_ms: float
    probe_mean_ms: float
    probe_p99_ms: float
    others: float

    @property
    def off_ms(self) -> float:
        """How much more the tool reports than a client of its own would see."""
        return self.reported.mean_ms - self.probe_mean_ms


def measure(settings: Settings) -> Outcome:
    """Measure every tool that is installed, taking turns, each with a server of its own."""
    asked = [thinker for thinker in THINKERS if settings.wants(thinker.name)]
    programs = {thinker.name: find(thinker.program) for thinker in asked if thinker.program}
    present = [thinker for thinker in asked if programs.get(thinker.name, "present")]
    runs: dict[str, list[Measurement]] = {thinker.name: [] for thinker in present}
    crowd = Crowd("", settings.users or USERS, settings.seconds or SECONDS)
    for turn in range(settings.repeats or REPEATS):
        for thinker in present:
            one = _once(thinker, programs.get(thinker.name, ""), crowd, settings)
            runs[thinker.name].append(one)
            settings.tell(f"round {turn + 1}: {thinker.name} {one.off_ms:+.2f} ms, {one.peak_mb:.0f} MB")
    versions = {name: version(program) for name, program in programs.items() if program}
    missing = [thinker.name for thinker in asked if thinker not in present]
    return Outcome(_lines(runs, versions, missing, crowd), _verdicts(runs), _data(runs, versions, crowd))


def _once(thinker: Thinker, program: str, crowd: Crowd, settings: Settings) -> Measurement:
    cores = settings.cores
    with running("benchmarks.stamped_server", crowd.users + 1, core=cores.server) as server:
        crowd = crowd._replace(base_url=server.base_url)
        with running("benchmarks.probe", server.said, core=cores.server) as probe:
            job = thinker.job(program, crowd)
            ran = run(job, cores.generator, limit_s=crowd.length_s + PATIENCE_S, memory_every_s=MEMORY_EVERY_S)
            seen = probe.findings()
        stamps = server.findings()
    if not stamps["began_ns"]:
        most = stamps["most_connections"] - 1
        raise RuntimeError(f"{thinker.name} opened {most} of {crowd.users} connections:\n{ran.output[-2000:]!r}")
    service, probed = _service(stamps), _probed(stamps, seen)
    return Measurement(
        cpu_us=ran.cpu_s * 1e6 / stamps["requests"],
        peak_mb=ran.peak_mb,
        requests=stamps["requests"],
        reported=thinker.reported(ran.output, crowd),
        server_mean_ms=service.mean() / 1e3,
        server_p99_ms=service.percentile(99) / 1e3,
        probe_mean_ms=probed.mean() / 1e3,
        probe_p99_ms=probed.percentile(99) / 1e3,
        others=ran.others,
    )


def _service(stamps: dict[str, Any]) -> Histogram:
    return Histogram.from_data(msgspec.convert(stamps["service"], HistogramData, strict=False))


def _probed(stamps: dict[str, Any], seen: list[list[int]]) -> Histogram:
    """What the probe saw while all users were there."""
    histogram = Histogram()
    for instant, nanoseconds in seen:
        if stamps["began_ns"] <= instant < stamps["ended_ns"]:
            histogram.record(nanoseconds / 1e3)
    return histogram


def _lines(runs: dict[str, list[Measurement]], versions: dict[str, str], missing: list[str], crowd: Crowd) -> list[str]:
    rows = []
    for name, mine in runs.items():
        values: list[list[float]] = [
            [one.cpu_us for one in mine],
            [one.peak_mb for one in mine],
            [one.requests for one in mine],
            [one.reported.mean_ms for one in mine],
            [one.reported.p99_ms for one in mine],
            [one.server_mean_ms for one in mine],
            [one.server_p99_ms for one in mine],
            [one.probe_mean_ms for one in mine],
            [one.probe_p99_ms for one in mine],
            [one.off_ms for one in mine],
        ]
        digits = (1, 0, 0, 2, 2, 3, 3, 2, 2, 2)
        cells = [range_of(spread(each), places) for each, places in zip(values, digits, strict=True)]
        rows.append([f"{name} {versions.get(name, '')}".strip(), *cells])
    return [
        f"{crowd.users:,} users who think 1 s (uniform, 0.5 - 1.5 s), one check, the answer parsed as JSON.",
        f"They come in {crowd.ramp_s:g} s; what is reported are the {crowd.seconds:g} s after. CPU and memory: of the",
        "whole process tree and the whole run, per request that the server counted. Median (min - max), times in ms.",
        "",
        *markdown(HEADER, rows),
        "",
        disturbance([one.others for mine in runs.values() for one in mine]),
        "wrk, h2load and hey cannot let users think: skipped",
        *(f"{name}: not installed, skipped" for name in missing),
    ]


def _verdicts(runs: dict[str, list[Measurement]]) -> list[Verdict]:
    if "nineam" not in runs:
        return []
    memory = spread([one.peak_mb for one in runs["nineam"]])
    off = spread([one.off_ms for one in runs["nineam"]])
    return [
        Verdict(f"nineam: at most {MOST_MB:g} MB", range_of(memory), memory.median <= MOST_MB),
        Verdict(
            f"nineam: mean within {MOST_OFF_MS:g} ms of the probe's", range_of(off, 2), abs(off.median) <= MOST_OFF_MS
        ),
    ]


def _data(runs: dict[str, list[Measurement]], versions: dict[str, str], crowd: Crowd) -> dict[str, Any]:
    tools = {
        name: {
            "version": versions.get(name, ""),
            "runs": [{**one._asdict(), "reported": one.reported._asdict()} for one in mine],
        }
        for name, mine in runs.items()
    }
    return {"users": crowd.users, "seconds": crowd.seconds, "tools": tools}
