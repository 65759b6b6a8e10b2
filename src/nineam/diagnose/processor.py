"""Whether the application has a processor when it wants one, and its threads their interpreter."""

from nineam.diagnose.picture import Picture
from nineam.store.records import StoredPhase

FEWEST_WAITING = 1.5
BUSY_CPU = 0.85


def waiting_threads(picture: Picture, phase: StoredPhase) -> list[float]:
    """Return how many threads waited for the GIL on average, for each process that serves requests."""
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


def crowd(picture: Picture, phase: StoredPhase | None) -> float:
    """Return how many threads of a process waited for the GIL on average; 0 unless it was busy and they were a crowd.

    Busy is 85 % of a core for each process that serves, a crowd one thread and a half.
    """
    waiting = waiting_threads(picture, phase) if phase else []
    cores = picture.gauge_rate(phase, "app.cpu_s")
    mean = sum(waiting) / max(1, len(waiting))
    if cores is None or mean < FEWEST_WAITING or cores < BUSY_CPU * max(1, len(waiting)):
        return 0.0
    return mean


def spare_cores(picture: Picture, phase: StoredPhase | None) -> float | None:
    """Return how many processors of the machine had nothing to do; None when that was not read."""
    cores = (picture.run.meta.get("machine") or {}).get("cores")
    busy = picture.gauge_rate(phase, "system.cpu_s")
    return None if cores is None or busy is None else cores - busy


def had_one(picture: Picture, phase: StoredPhase | None) -> float:
    """Return for what part of the time in which the application had something to compute it had a processor for it.

    A layer that only computes would have taken this part of its time on a machine of its own. 1 where it is not known.
    """
    computed = picture.gauge_rate(phase, "app.cpu_s")
    waited = picture.gauge_rate(phase, "app.run_delay_s")
    return computed / (computed + waited) if computed and waited else 1.0


def saturated(picture: Picture, phase: StoredPhase | None) -> bool:
    """Whether the application computed, or waited for a processor to compute on, nearly all of the time.

    It is late then for whatever arrives from outside, and says of others that they are. Nearly all is 85 % of it, for
    each process that serves; where the kernel does not count the waiting, computing alone is known.
    """
    cores = picture.gauge_rate(phase, "app.cpu_s")
    if phase is None or cores is None:
        return False
    waiting = picture.gauge_rate(phase, "app.run_delay_s") or 0.0
    return cores + waiting >= BUSY_CPU * max(1, len(waiting_threads(picture, phase)))
