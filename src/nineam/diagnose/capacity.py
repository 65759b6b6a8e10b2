"""How much the application carries, whether the generator can be believed, and whether it came back."""

from nineam.diagnose.blame import by_layer
from nineam.diagnose.layers import noun
from nineam.diagnose.picture import Picture, describe
from nineam.histogram import Histogram
from nineam.model import After, Capacity, Generator, Health, Interval, LoadStats, PhaseResult, Stair
from nineam.store.records import StoredPhase

CPU_LIMIT = 0.9
CPU_FULL = 0.85
SLIP_LIMIT_MS = 20.0
SLIP_OF_OBJECTIVE = 0.25
SLIP_OF_LATENCY = 0.2
SILENCE_S = 0.3
"""An interval without answers is silence when it is this long; shorter ones are the ends of phases."""
ENOUGH_TICKS = 3
"""Half-seconds in a row that must be as on localhost before it counts as recovered."""


def result(picture: Picture, phase: StoredPhase | None, users: int | None) -> PhaseResult:
    """A phase per endpoint."""
    if phase is None:
        return PhaseResult()
    endpoints = {
        name: describe(stats, picture, phase, name) for name, stats in sorted(picture.endpoints(phase).items())
    }
    return PhaseResult(endpoints=endpoints, users=users, rate=phase.rate or None)


def people(picture: Picture) -> dict[int, int]:
    """How many people each stair stands for: its users, or by Little's law those who click at its rate.

    A person who clicks takes a thought of `click_s` seconds and then waits as long as on localhost.
    """
    click_s = float(picture.run.meta.get("click_s", 1.0))
    alone = picture.stats(picture.localhost)
    iteration = alone.timings.get("iteration_duration")
    if iteration is not None and iteration.count:
        click_s += Histogram.from_data(iteration).percentile(50) / 1e6
    else:
        click_s += _response(alone).percentile(50) / 1e6
    return {stair.id: stair.users or max(1, round(stair.rate * click_s)) for stair in picture.stairs}


def stairs(picture: Picture) -> tuple[Stair, ...]:
    """Every stair with what it did to everyone together."""
    crowd = people(picture)
    return tuple(_stair(picture, number, stair, crowd[stair.id]) for number, stair in enumerate(picture.stairs, 1))


def _stair(picture: Picture, number: int, phase: StoredPhase, users: int) -> Stair:
    stats = picture.stats(phase)
    response = _response(stats)
    failed = sum(endpoint.failed for endpoint in stats.endpoints)
    achieved = response.count / max(0.1, phase.seconds)
    return Stair(
        index=number,
        users=users,
        rate=phase.rate or round(achieved, 1),
        achieved_rate=achieved,
        p50_ms=response.percentile(50) / 1000,
        p95_ms=response.percentile(95) / 1000,
        p99_ms=response.percentile(99) / 1000,
        failed_rate=failed / max(1, response.count),
        held=bool(phase.held),
        layers_ms=_mean_layers(picture, phase),
    )


def _mean_layers(picture: Picture, phase: StoredPhase) -> dict[str, float]:
    sums: dict[str, float] = {}
    requests = 0
    for endpoint in picture.users_endpoints(phase):
        count = picture.requests(phase, endpoint)
        requests += count
        for layer, ms in picture.layers(phase, endpoint).items():
            sums[layer] = sums.get(layer, 0.0) + ms * count
    return {layer: ms / requests for layer, ms in sorted(sums.items(), key=lambda item: -item[1])}


def _response(stats: LoadStats) -> Histogram:
    total = Histogram()
    for endpoint in stats.endpoints:
        total.merge(Histogram.from_data(endpoint.response))
    return total


def capacity(picture: Picture) -> Capacity:
    """Between the highest stair that held and the lowest one above it that did not."""
    crowd = people(picture)
    held = [stair for stair in picture.stairs if stair.held]
    best = max(held, key=lambda stair: (crowd[stair.id], stair.rate), default=None)
    worst = picture.failing if picture.broke else None
    shares = by_layer(picture) if worst else {}
    low = _rate(picture, best) if best else 0.0
    return Capacity(
        slo=str(picture.run.meta.get("slo", "p(95)<500")),
        rate=Interval(low=low, high=max(low, _rate(picture, worst)) if worst else None),
        users=Interval(low=crowd[best.id] if best else 0, high=crowd[worst.id] if worst else None),
        limited_by=_limit(picture, shares) if worst else "",
        kind="measured" if worst and best else "estimate",
    )


def _limit(picture: Picture, shares: dict[str, float]) -> str:
    """Name what grew most; that a full CPU stands behind it is said, because then every wait is one for the CPU."""
    grew = noun(next(iter(shares))) if shares else ""
    busy = cpu_share(picture)
    if busy is not None and busy >= CPU_FULL:
        return f"CPU ({busy:.0%} of a core per process)" + (f", felt as {grew}" if grew else "")
    return grew


def cpu_share(picture: Picture) -> float | None:
    """CPU cores that each process of the application used where it first broke; None when it was not read."""
    phase = picture.failing
    spent = picture.gauge_rate(phase, "app.cpu_s")
    if spent is None or phase is None:
        return None
    # a master that only watches its workers does no work
    return spent / max(1.0, max(picture.gauge([phase], "app.processes")) - 1)


def _rate(picture: Picture, stair: StoredPhase) -> float:
    """The requests per second that a stair offers: an arrival is a journey, which may be several requests."""
    stats = picture.stats(stair)
    count = _response(stats).count
    if not stair.rate:
        return round(count / max(0.1, stair.seconds), 1)
    if picture.run.meta.get("unit") != "journeys" or not stats.iterations:
        return stair.rate
    return round(stair.rate * max(1.0, count / stats.iterations), 1)


def generator(picture: Picture) -> Generator:
    """Whether what was measured is the application, or the machine that measured it."""
    slip, cpu, wall, requests = Histogram(), 0.0, 0.0, 0
    reason = ""
    for stair in picture.stairs:
        stats = picture.stats(stair).generator
        slip.merge(Histogram.from_data(stats.slip))
        cpu, wall, requests = cpu + stats.cpu_s, wall + stats.wall_s, requests + stats.requests
        reason = reason or _doubt(picture, stair)
    return Generator(
        trustworthy=not reason,
        slip_p99_ms=slip.percentile(99) / 1000,
        cpu_share=cpu / wall if wall else 0.0,
        requests=requests,
        cpu_us_per_request=cpu / requests * 1e6 if requests else 0.0,
        reason=reason,
    )


def _doubt(picture: Picture, stair: StoredPhase) -> str:
    """Why a stair says more about the generator than about the application, or nothing.

    Response times count from the intended start, so a late generator makes them larger, never smaller: a stair
    that held in spite of it held. One that broke is only believed when lateness is a small part of its latency.
    """
    stats = picture.stats(stair)
    late = Histogram.from_data(stats.generator.slip).percentile(99) / 1000
    p95 = _response(stats).percentile(95) / 1000
    share = stats.generator.cpu_s / stats.generator.wall_s if stats.generator.wall_s else 0.0
    load = f"{stair.rate:g} requests/s" if stair.rate else f"{stair.users} users"
    if share > CPU_LIMIT:
        return f"the generator used {share:.0%} of its core at {load}"
    limit = SLIP_OF_OBJECTIVE * picture.objective_ms if stair.held else SLIP_OF_LATENCY * p95
    if late > max(SLIP_LIMIT_MS, limit):
        return f"the generator sent {late:.0f} ms late (p99) at {load}"
    return ""


def health(picture: Picture, *, honest: bool) -> Health | None:
    """What the probe saw at Monday's load."""
    stats = picture.stats(picture.monday).health
    if stats is None or not stats.requests:
        return None
    return Health(
        path=stats.name.partition(" ")[2] or stats.name,
        failed_rate=stats.failed / stats.requests,
        p95_ms=Histogram.from_data(stats.response).percentile(95) / 1000,
        honest=honest,
    )


def after(picture: Picture) -> After:
    """Whether a polite user was served again as on localhost, and how long that took; None when it was cut short."""
    phase, localhost = picture.after, picture.localhost
    ticks = [
        stats
        for stats in (picture.run.load.get(phase.id, ()) if phase else ())
        if stats.endpoints or stats.generator.wall_s >= SILENCE_S
    ]
    if phase is None or localhost is None or phase.end_ns is None or len(ticks) < ENOUGH_TICKS:
        return After(recovered=None, seconds=None)
    alone = picture.stats(localhost).endpoints
    sick = {stats.name for stats in alone if stats.failed}
    limits = {stats.name: 2 * Histogram.from_data(stats.response).percentile(95) + 20_000 for stats in alone}
    seconds, since, streak = 0.0, 0.0, 0
    for stats in ticks:
        well = bool(stats.endpoints) and all(
            (endpoint.name in sick or not endpoint.failed)
            and Histogram.from_data(endpoint.response).percentile(50) <= limits.get(endpoint.name, float("inf"))
            for endpoint in stats.endpoints
        )
        if streak < ENOUGH_TICKS:
            since = since if well and streak else seconds
            streak = streak + 1 if well else 0
        seconds += stats.generator.wall_s
    back = streak >= ENOUGH_TICKS
    return After(recovered=back, seconds=round(since, 1) if back else None)
