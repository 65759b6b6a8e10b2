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
wait for anybody, and does not fire. Nor does it fire where the machine had less than a third of a processor left
(another process would have nothing to run on), or where the application waited for a processor half as long as it had
one: then other programs keep whoever has the interpreter from going on.

## How to fix it

More processes (`--workers`), as many as there are cores, with fewer threads each. Less Python per request: see
what else was found.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.diagnose.processor import crowd, spare_cores, waiting_threads
from nineam.model import Finding
from nineam.store.records import StoredPhase

CODE = "gil-bound"
TITLE = "Threads wait for the interpreter"
SPARE_CORES = 0.33
MOST_DELAY = 0.5


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that spends most time altogether."""
    phase = picture.failing
    mean = crowd(picture, phase)
    if phase is None or not mean or not _has_room(picture, phase):
        return
    cores, processes = picture.gauge_rate(phase, "app.cpu_s") or 0.0, len(waiting_threads(picture, phase))
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


def _has_room(picture: Picture, phase: StoredPhase) -> bool:
    """Whether another process would have a processor, as far as that is known."""
    spare, delay = spare_cores(picture, phase), picture.gauge_rate(phase, "app.run_delay_s") or 0.0
    cores = picture.gauge_rate(phase, "app.cpu_s") or 0.0
    return (spare is None or spare >= SPARE_CORES) and delay < MOST_DELAY * cores
