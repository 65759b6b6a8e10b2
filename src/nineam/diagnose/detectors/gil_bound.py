"""Threads take turns at one interpreter.

## What it is

Several threads of a process want to run Python at the same time. Only one can: the others wait for the GIL.

## Why it hurts

More threads make every request slower instead of serving more of them. The process shows one busy core, however
many the machine has.

## How it is detected

From outside, twenty times a second, each thread is looked at: does it wait for the GIL? It fires when at the load
that broke the application at least one thread and a half waited for it on average, while its processes used at
least 85 % of a core each; a master that only watches its workers is not among them. One busy thread alone does not
wait for anybody, and does not fire.

## How to fix it

More processes (`--workers`), as many as there are cores, with fewer threads each. Less Python per request: see
what else was found.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import StoredPhase

CODE = "gil-bound"
TITLE = "Threads wait for the interpreter"
FEWEST_WAITING = 1.5
BUSY_CPU = 0.85


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that spends most time altogether."""
    phase = picture.failing
    waiting = _waiting(picture, phase) if phase else []
    mean, processes = sum(waiting) / max(1, len(waiting)), len(waiting)
    cores = picture.gauge_rate(phase, "app.cpu_s")
    if phase is None or cores is None or mean < FEWEST_WAITING or cores < BUSY_CPU * max(1, processes):
        return
    spent = {name: picture.server_ms(phase, name) * picture.requests(phase, name) for name in picture.seen(phase)}
    endpoint = max(spent, key=lambda name: spent[name], default="")
    # of its threads that want to run one does; the others' part of a request's time is waiting
    ms = picture.server_ms(phase, endpoint) * mean / (mean + 1) if endpoint else 0.0
    yield found(
        picture,
        phase,
        endpoint,
        ms,
        code=CODE,
        title=f"{mean:.1f} threads of each process wait for the interpreter",
        site="",
        evidence={"threads_waiting": round(mean, 1), "cores_used": round(cores, 2), "processes": processes},
        fix="more processes, one per core, with fewer threads each; and less Python per request",
        confidence=0.85,
    )


def _waiting(picture: Picture, phase: StoredPhase) -> list[float]:
    """Return how many threads waited on average, for each process that serves requests."""
    readings: dict[int, list[float]] = {}
    serving = set()
    for gauge in picture.run.gauges:
        if phase.begin_ns <= gauge.at_ns <= (phase.end_ns or 0):
            if "app.gil_wait" in gauge.values:
                readings.setdefault(gauge.process, []).append(gauge.values["app.gil_wait"])
            if "in_flight" in gauge.values:
                serving.add(gauge.process)
    workers = [values for process, values in readings.items() if process in serving] or list(readings.values())
    return [sum(values) / len(values) for values in workers]
