"""CPU time per request: the same trivial server, the same connections, in turns, on pinned cores.

What counts is user and system time of the generator's whole process tree, from its start to its end, divided by
the requests it completed.
"""

from typing import NamedTuple

from benchmarks.contenders import CONTENDERS, JOURNEY, K6, LOCUST, ONE_URL, WRK, Contender, Task
from benchmarks.outcomes import Outcome, Settings, Verdict
from benchmarks.programs import find, version
from benchmarks.running import run
from benchmarks.servers import running
from benchmarks.tables import Spread, disturbance, markdown, paired, part_of, range_of, spread

REPEATS, SECONDS, USERS = 5, 4.0, 32
PATIENCE_S = 60.0  # for starting and stopping, on top of twice the run itself
TARGETS = ((ONE_URL, WRK, 1.5), (JOURNEY, K6, 1 / 6), (JOURNEY, LOCUST, 1 / 8))


class Measurement(NamedTuple):
    """One run of one contender."""

    cpu_us: float
    rate: float
    requests: int
    others: float


def measure(settings: Settings) -> Outcome:
    """Measure every contender that is installed, taking turns."""
    repeats, seconds = settings.repeats or REPEATS, settings.seconds or SECONDS
    asked = [contender for contender in CONTENDERS if settings.wants(contender.name)]
    programs = {contender.name: find(contender.program) for contender in asked if contender.program}
    present = [contender for contender in asked if programs.get(contender.name, "present")]
    runs: dict[str, list[Measurement]] = {contender.name: [] for contender in present}
    with running("benchmarks.server", core=settings.cores.server) as server:
        task = Task(server.base_url, settings.users or USERS, seconds)
        for turn in range(repeats):
            for contender in present:
                one = _once(contender, programs.get(contender.name, ""), task, settings.cores.generator)
                runs[contender.name].append(one)
                settings.tell(f"round {turn + 1}: {contender.name} {one.cpu_us:.1f} us")
    versions = {name: version(program) for name, program in programs.items() if program}
    missing = [contender.name for contender in asked if contender not in present]
    return Outcome(_lines(runs, present, versions, missing, task), _verdicts(runs), _data(runs, versions))


def _once(contender: Contender, program: str, task: Task, core: int | None) -> Measurement:
    """Run a contender once. Raises `RuntimeError`, with its output, when it completed nothing."""
    ran = run(contender.job(program, task), core, limit_s=2 * task.seconds + PATIENCE_S)
    requests = contender.requests_in(ran.output)
    if not requests:
        raise RuntimeError(f"{contender.name} completed no request:\n{ran.output.decode(errors='replace')[-2000:]}")
    return Measurement(ran.cpu_s * 1e6 / requests, requests / task.seconds, requests, ran.others)


def _lines(
    runs: dict[str, list[Measurement]],
    present: list[Contender],
    versions: dict[str, str],
    missing: list[str],
    task: Task,
) -> list[str]:
    references = [name for name in (WRK, K6, LOCUST) if name in runs]
    rows = []
    for contender in present:
        mine = runs[contender.name]
        ratios = [f"{_ratio(runs, contender.name, other).median:.2f}" for other in references]
        requests_s = f"{spread([one.rate for one in mine]).median:,.0f}"
        name = f"{contender.name} {versions.get(contender.name, '')}".strip()
        rows.append([name, range_of(spread([one.cpu_us for one in mine])), requests_s, *ratios, contender.does])
    repeats = len(next(iter(runs.values()), []))
    return [
        "CPU time per request: user and system time of the generator's process tree, start-up included.",
        f"{repeats} runs each, taking turns, {task.seconds:g} s, {task.users} connections. Median (min - max);",
        "ratios are medians of the rounds' ratios.",
        "",
        *markdown(["", "us/request", "requests/s", *(f"x {name}" for name in references), "what it does"], rows),
        "",
        disturbance([one.others for mine in runs.values() for one in mine]),
        *(f"{name}: not installed, skipped" for name in missing),
    ]


def _ratio(runs: dict[str, list[Measurement]], ours: str, theirs: str) -> Spread:
    return paired([one.cpu_us for one in runs[ours]], [one.cpu_us for one in runs[theirs]])


def _verdicts(runs: dict[str, list[Measurement]]) -> list[Verdict]:
    verdicts = []
    for ours, theirs, target in TARGETS:
        if ours in runs and theirs in runs:
            ratio = _ratio(runs, ours, theirs)
            at_most = f"{target:g}" if target >= 1 else f"1/{1 / target:g}"
            shown = range_of(ratio, 2) if target >= 1 else part_of(ratio)
            verdicts.append(Verdict(f"{ours}: at most {at_most} of {theirs}'s CPU", shown, ratio.median <= target))
    return verdicts


def _data(runs: dict[str, list[Measurement]], versions: dict[str, str]) -> dict[str, object]:
    return {
        name: {
            "version": versions.get(name, ""),
            "cpu_us_per_request": spread([one.cpu_us for one in mine]).median,
            "runs": [one._asdict() for one in mine],
        }
        for name, mine in runs.items()
    }
