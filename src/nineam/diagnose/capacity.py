"""How much the application carries, whether the generator can be believed, and whether it came back."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping

import msgspec

from nineam.diagnose.blame import by_layer
from nineam.diagnose.describing import describe
from nineam.diagnose.idle import idle
from nineam.diagnose.layers import noun
from nineam.diagnose.measured import nothing
from nineam.diagnose.picture import Picture
from nineam.endpoints import judged
from nineam.histogram import Histogram
from nineam.model import After, Capacity, EndpointStats, Generator, Health, Interval, LoadStats, PhaseResult, Stair
from nineam.store.records import StoredPhase

CPU_LIMIT = 0.9
CPU_FULL = 0.85
SLIP_LIMIT_MS = 20.0
HELD_MS = 1000.0
"""A loop that stood still so long: a journey that does not await, or a machine without CPU to spare."""
STOLEN = 0.1
"""Seconds a second that the hypervisor gave to others: what broke meanwhile may not have broken by itself."""
SLIP_OF_OBJECTIVE = 0.25
SLIP_OF_LATENCY = 0.2
SILENCE_S = 0.3
"""An unanswered interval is silence when it is this long; shorter ones are the ends of phases."""
ENOUGH_TICKS = 3
"""Half-seconds with answers, in a row, that must be as on localhost before it counts as recovered."""


def result(picture: Picture, phase: StoredPhase | None, users: int | None) -> PhaseResult:
    """A phase per endpoint."""
    if phase is None:
        return PhaseResult()
    endpoints = {
        name: describe(stats, picture, phase, name) for name, stats in sorted(picture.endpoints(phase).items())
    }
    return PhaseResult(endpoints=endpoints, users=users, rate=offered(picture, phase) if phase.rate else None)


def alone(picture: Picture) -> PhaseResult:
    """Give what one polite user saw; what it did only once before, while warming up (a login, say), is of then."""
    polite = result(picture, picture.localhost, 1)
    before = result(picture, picture.warmup, 1) if picture.localhost else polite
    return msgspec.structs.replace(polite, endpoints={**before.endpoints, **polite.endpoints})


def people(picture: Picture) -> dict[int, int]:
    """How many people each stair stands for: its users, or by Little's law those who click at its rate."""
    click_s = click_seconds(picture)
    return {stair.id: _users(picture, stair) or max(1, round(stair.rate * click_s)) for stair in picture.stairs}


def click_seconds(picture: Picture) -> float:
    """Seconds from one click of a person to the next: a thought of `click_s`, then waiting as long as on localhost."""
    click_s = float(picture.run.meta.get("click_s", 1.0))
    alone = picture.stats(picture.localhost)
    iteration = alone.timings.get("iteration_duration")
    if iteration is not None and iteration.count:
        click_s += Histogram.from_data(iteration).percentile(50) / 1e6
    else:
        click_s += _response(alone).percentile(50) / 1e6
    return click_s


def _users(picture: Picture, stair: StoredPhase) -> int:
    """Say how many users closed load had at most: of a plan, which may be long in getting there, those who came."""
    seen = picture.vus([stair]) if picture.run.meta.get("plan") else None
    users = round(seen.max) if stair.users and seen else stair.users
    return max(1, users - idle(picture, stair)) if users else 0


def stairs(picture: Picture) -> tuple[Stair, ...]:
    """Every stair with what it did to everyone together."""
    crowd = people(picture)
    return tuple(_stair(picture, number, stair, crowd[stair.id]) for number, stair in enumerate(picture.stairs, 1))


def _stair(picture: Picture, number: int, phase: StoredPhase, users: int) -> Stair:
    stats = picture.stats(phase)
    response = _response(stats)
    failed = sum(endpoint.failed for endpoint in judged(stats.endpoints))
    achieved = response.count / max(0.1, phase.seconds)
    return Stair(
        index=number,
        users=users,
        rate=offered(picture, phase),
        achieved_rate=achieved,
        p50_ms=response.percentile(50) / 1000,
        p95_ms=response.percentile(95) / 1000,
        p99_ms=response.percentile(99) / 1000,
        failed_rate=failed / max(1, response.count),
        held=phase.held,
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
    for endpoint in judged(stats.endpoints):
        total.merge(Histogram.from_data(endpoint.response))
    return total


def capacity(picture: Picture) -> Capacity:
    """Between the highest stair that held and the lowest one above it that did not; one load alone tells neither."""
    if picture.run.meta.get("plan"):
        return _of_one_load(picture)
    crowd = people(picture)
    held = [stair for stair in picture.stairs if stair.held]
    best = max(held, key=lambda stair: (crowd[stair.id], stair.rate), default=None)
    worst = picture.failing if picture.broke else None
    shares = by_layer(picture) if worst else {}
    low = offered(picture, best) if best else 0.0
    return Capacity(
        slo=str(picture.run.meta.get("slo", "p(95)<500")),
        rate=Interval(low=low, high=max(low, offered(picture, worst)) if worst else None),
        users=Interval(low=crowd[best.id] if best else 0, high=crowd[worst.id] if worst else None),
        limited_by=_limit(picture, shares) if worst else "",
        kind="measured" if worst and best else "estimate",
    )


def _of_one_load(picture: Picture) -> Capacity:
    """Return what an explicit plan says: who was the limit, when it broke, but nothing about more or less load."""
    shares = by_layer(picture) if picture.broke else {}
    return Capacity(
        slo=str(picture.run.meta.get("slo", "p(95)<500")),
        rate=Interval(low=0.0, high=None),
        users=Interval(low=0, high=None),
        limited_by=_limit(picture, shares) if picture.broke else "",
        kind="cannot-tell",
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


def offered(picture: Picture, stair: StoredPhase) -> float:
    """Give the requests per second of a stair: the rate, or where that is not of requests what was sent.

    Of arrivals of journeys that the application did not keep up with: what these would have sent.
    """
    if stair.rate and not picture.arrivals_are_journeys:
        return stair.rate
    stats = picture.stats(stair)
    count, begun = _response(stats).count, stats.generator.slip.count
    sent = count / max(0.1, stair.seconds)
    if stair.rate and stair.held is False and begun:
        sent = max(sent, stair.rate * count / begun)
    return round(sent, 1)


def generator(picture: Picture) -> Generator:
    """Whether what was measured is the application, or the machine that measured it."""
    slip, cpu, wall, requests = Histogram(), 0.0, 0.0, 0
    reason = nothing(picture)
    for stair in picture.stairs:
        stats = picture.stats(stair).generator
        slip.merge(Histogram.from_data(stats.slip))
        cpu, wall, requests = cpu + stats.cpu_s, wall + stats.wall_s, requests + stats.requests
        reason = reason or doubt(picture, stair)
    return Generator(
        trustworthy=not reason,
        slip_p99_ms=slip.percentile(99) / 1000,
        cpu_share=cpu / wall if wall else 0.0,
        requests=requests,
        cpu_us_per_request=cpu / requests * 1e6 if requests else 0.0,
        reason=reason,
    )


def doubt(picture: Picture, stair: StoredPhase) -> str:
    """Why a stair says more about the generator than about the application, or nothing.

    Response times count from the intended start, so a late generator makes them larger, never smaller: a stair
    that held in spite of it held. One that broke is only believed when lateness is a small part of its latency.
    """
    stats = picture.stats(stair)
    late = Histogram.from_data(stats.generator.slip).percentile(99) / 1000
    p95 = _response(stats).percentile(95) / 1000
    own = stats.generator
    share = (own.busiest_cpu_s or own.cpu_s) / own.wall_s if own.wall_s else 0.0
    load = picture.load_in_words(stair)
    if share > CPU_LIMIT:
        return f"the generator used {share:.0%} of its core at {load}"
    if scarce := _scarce(stats):
        return f"the generator {scarce} at {load}"
    if own.loop_lag_ms > HELD_MS and not stair.held:
        return f"something held the generator for {own.loop_lag_ms / 1000:.1f} s at {load}"
    stolen = picture.gauge_rate(stair, "system.steal_s") or 0.0
    if stolen > STOLEN and not stair.held:
        return f"other virtual machines took {stolen:.0%} of a processor at {load}"
    limit = SLIP_OF_OBJECTIVE * picture.objective_ms if stair.held else SLIP_OF_LATENCY * p95
    if late > max(SLIP_LIMIT_MS, limit):
        return f"the generator sent {late:.0f} ms late (p99) at {load}"
    return ""


def _scarce(stats: LoadStats) -> str:
    """Say which limit of the system the generator ran into, or nothing; limits that were near hurt nobody."""
    errors = sum((Counter(endpoint.errors) for endpoint in stats.endpoints), Counter[str]())
    limits = (
        ("no local port left", "local ports", stats.generator.ports),
        ("too many open files", "open files", stats.generator.files),
    )
    for error, what, share in limits:
        if errors[error]:
            return f"ran out of {what} for {errors[error]} requests ({share:.0%} in use)"
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
    """Whether a polite user was served again as on localhost, and how long that took; None when too little was seen."""
    phase, localhost = picture.after, picture.localhost
    if phase is None or localhost is None or phase.end_ns is None:
        return After(recovered=None, seconds=None)
    alone = picture.stats(localhost).endpoints
    signs = _signs(picture.run.load.get(phase.id, ()), alone)
    if len(signs) < ENOUGH_TICKS:
        return After(recovered=None, seconds=None)
    since, streak = 0.0, 0
    for at_s, well in signs:
        if streak < ENOUGH_TICKS:
            since = since if well and streak else at_s
            streak = streak + 1 if well else 0
    back = streak >= ENOUGH_TICKS
    return After(recovered=back, seconds=round(since, 1) if back else None)


def _signs(ticks: Iterable[LoadStats], alone: Iterable[EndpointStats]) -> list[tuple[float, bool]]:
    """Say when a polite user was served as on localhost, and when not.

    An interval without an answer is a bad sign when a request waits for one longer than any does on localhost. While
    nothing is in flight the user thinks, or has nothing left to do: that is no sign at all.
    """
    sick = {stats.name for stats in alone if stats.failed}
    limits = {stats.name: 2 * Histogram.from_data(stats.response).percentile(95) + 20_000 for stats in alone}
    longest_s = max(limits.values(), default=0.0) / 1e6
    signs, at_s, silent_s, waiting = [], 0.0, 0.0, True  # the polite user begins with a request
    for stats in ticks:
        seconds, waited, waiting = stats.generator.wall_s, waiting, bool(stats.generator.in_flight)
        silent_s = silent_s + seconds if waited and waiting and not stats.endpoints else 0.0
        if stats.endpoints:
            signs.append((at_s, _well(stats, sick, limits)))
        elif silent_s > longest_s and seconds >= SILENCE_S:
            signs.append((at_s, False))
        at_s += seconds
    return signs


def _well(stats: LoadStats, sick: Container[str], limits: Mapping[str, float]) -> bool:
    return all(
        (endpoint.name in sick or not endpoint.failed)
        and Histogram.from_data(endpoint.response).percentile(50) <= limits.get(endpoint.name, float("inf"))
        for endpoint in stats.endpoints
    )
