"""Synchronous endpoints queue for a thread.

## What it is

FastAPI and Starlette run `def` endpoints, `def` dependencies and file responses in a pool of 40 threads that all
share. When that many wait for something slow, everything else that needs a thread waits too.

## Why it hurts

It is a second, invisible limit on how many requests are served at a time, and cheap endpoints queue behind slow
ones.

## How it is detected

The wait for a thread is timed, and how many wait and run is read ten times a second. It fires when at the load
that broke the application some endpoint waits at least 10 ms longer for a thread than with one polite user, and
when as many threads as ever ran were running at least half of the times that somebody was seen queueing. A wait
for threads that are free (the CPU is busy, and the thread's turn comes late) is none for a pool, and does not fire.

## How to fix it

Shorten what the threads wait for, or make it `async` down to the driver. More threads
(`anyio.to_thread.current_default_thread_limiter().total_tokens`) help only while what they wait for can take more
at a time.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found, longest_wait
from nineam.diagnose.layers import WAITS, noun
from nineam.diagnose.picture import Picture
from nineam.model import Finding
from nineam.store.records import StoredPhase

CODE = "threadpool-exhausted"
TITLE = "Requests queue for a thread"
SMALLEST_MS = 10.0
FULL_SHARE = 0.5


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding, at the endpoint that waits longest."""
    phase = picture.failing
    worst = longest_wait(picture, "threadpool_wait", SMALLEST_MS)
    waiting, running = _queue(picture, phase) if phase else (0.0, 0.0)
    if worst is None or phase is None or not waiting:
        return
    busy = _what_threads_do(picture)
    yield found(
        picture,
        phase,
        worst[0],
        worst[1],
        code=CODE,
        title=f"{worst[1]:.0f} ms in front of {running:.0f} threads",
        site=picture.source("endpoint", worst[0]),
        evidence={"most_waiting": waiting, "most_running": running, "threads_mostly": busy},
        fix=f"shorten what the threads are busy with ({noun(busy) if busy else 'unknown'}), or make it `async`"
        " down to the driver; only then allow more of them",
    )


def _queue(picture: Picture, phase: StoredPhase) -> tuple[float, float]:
    """Return how many waited and how many ran at most, when the threads were taken while somebody waited; or zeros."""
    readings = [
        (gauge.values["threadpool.waiting"], gauge.values.get("threadpool.running", 0.0))
        for gauge in picture.run.gauges
        if "threadpool.waiting" in gauge.values and phase.begin_ns <= gauge.at_ns <= (phase.end_ns or 0)
    ]
    most = max((running for _, running in readings), default=0.0)
    queued = [running for waiting, running in readings if waiting >= 1]
    if most < 1 or not queued or sum(running >= most for running in queued) < FULL_SHARE * len(queued):
        return 0.0, 0.0
    return max(waiting for waiting, _ in readings), most


def _what_threads_do(picture: Picture) -> str:
    """The layer, waiting for others apart, in which requests spend most time at that load."""
    sums: dict[str, float] = {}
    for endpoint in picture.users_endpoints(picture.failing):
        for layer, ms in picture.layers(picture.failing, endpoint).items():
            if layer not in WAITS or layer in {"pool_wait", "lock_wait"}:
                sums[layer] = sums.get(layer, 0.0) + ms * picture.requests(picture.failing, endpoint)
    return max(sums, key=lambda layer: sums[layer], default="")
