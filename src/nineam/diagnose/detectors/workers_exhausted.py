"""All workers wait for something, and the next request waits outside.

## What it is

A server with a fixed number of workers or threads (gunicorn's `sync` and `gthread`, waitress, mod_wsgi) serves
just that many requests at a time. When each of them waits for a database or another service, the CPU is idle and
the queue is full.

## Why it hurts

Users wait before the first line of the application runs, where none of its own timings can see it; the health
check waits with them.

## How it is detected

The wait from the intended start of a request to the application's first line is timed. It fires when at the load
that broke the application it has grown by at least 10 ms and is what has grown most, while every process was seen
at its highest number of requests at a time for most of the load and none of them used more than 70 % of a core, or
waited for one (where the kernel counts that). When the CPU is what is busy, be it with other programs, more workers do
not help, and it does not fire.

## How to fix it

Shorten what the workers wait for. Then more threads (`--threads`) or workers, or an asynchronous server for what
only waits.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found, longest_wait
from nineam.diagnose.layers import WAITS, noun
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import StoredPhase

CODE = "workers-exhausted"
TITLE = "Every worker is waiting, and requests wait for a worker"
SMALLEST_MS = 10.0
FULL_SHARE = 0.6
BUSY_CPU = 0.7


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that waits longest."""
    phase = picture.failing
    worst = longest_wait(picture, "server_wait", SMALLEST_MS)
    if worst is None or phase is None:
        return
    endpoint, ms = worst
    places = _places(picture, phase)
    cores = picture.gauge_rate(phase, "app.cpu_s")
    processes = max(1, len(_readings(picture, phase)))
    most = max(picture.growth(phase, endpoint).items(), key=lambda item: item[1])[0]
    late = picture.gauge_rate(phase, "app.run_delay_s") or 0.0  # ready to compute, while others have the processors
    if most == "server_wait" and places and cores is not None and cores + late <= BUSY_CPU * processes:
        yield _finding(picture, phase, endpoint, ms, places, cores)


def _readings(picture: Picture, phase: StoredPhase) -> dict[int, list[float]]:
    """Requests in flight, per process, reading by reading."""
    grouped: dict[int, list[float]] = {}
    for gauge in picture.run.gauges:
        if "in_flight" in gauge.values and phase.begin_ns <= gauge.at_ns <= (phase.end_ns or 0):
            grouped.setdefault(gauge.process, []).append(gauge.values["in_flight"])
    return grouped


def _places(picture: Picture, phase: StoredPhase) -> int:
    """How many requests are served at a time when every process is full most of the time; 0 when they are not."""
    places = 0
    for readings in _readings(picture, phase).values():
        most = max(readings)
        if most < 1 or sum(reading >= most for reading in readings) < FULL_SHARE * len(readings):
            return 0
        places += round(most)
    return places


def _finding(picture: Picture, phase: StoredPhase, endpoint: str, ms: float, places: int, cores: float) -> Finding:
    layers: dict[str, float] = {}
    for each in picture.users_endpoints(phase):
        for layer, spent in picture.layers(phase, each).items():
            if layer not in WAITS or layer in {"pool_wait", "lock_wait"}:
                layers[layer] = layers.get(layer, 0.0) + spent * picture.requests(phase, each)
    busy = max(layers, key=lambda layer: layers[layer], default="")
    return found(
        picture,
        phase,
        endpoint,
        ms,
        code=CODE,
        title=f"{ms:.0f} ms in front of {places} busy worker{'s' * (places != 1)} that mostly wait",
        site="",
        evidence={"served_at_a_time": places, "cores_used": round(cores, 2), "workers_mostly": busy},
        fix=f"shorten what workers wait for ({noun(busy) if busy else 'unknown'}); then more threads or workers,"
        " or an asynchronous server",
        confidence=0.85,
    )
