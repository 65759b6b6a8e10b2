"""Whose work is behind what Monday added: waiting is moved to what was waited for, until only work is left.

The idea is wPerf's (Zhou et al., OSDI 2018): time spent waiting for a resource belongs to what its holders were doing,
and when these wait too, to what they waited for. Here the resources are known, so nothing is learned:

- for a connection of a pool: what requests with statements do with it, and besides for as long as it is out;
- for the event loop: what runs on it, by endpoint as measured, within an endpoint by its computing layers first;
- for a thread or a worker: everything that requests do;
- for the interpreter (threads take turns at it, and those who come back from waiting queue for it): what computes;
- for a processor, where they are all taken: what computes, and for the part that other processes have, who asks them;
- for a garbage collection: who makes garbage, which is what its request computes.

Confidence is by drawing seconds with replacement: neighbouring requests share their queues, so one request is no unit.
"""

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from nineam.diagnose.causes import explanation
from nineam.diagnose.found import held_connections
from nineam.diagnose.layers import ELSEWHERE, NO_GARBAGE, WAITS
from nineam.diagnose.picture import DATABASE_LAYERS, Picture, place
from nineam.diagnose.processor import waiting_threads
from nineam.diagnose.sharing import Key, Times, add, mixed, shares_of
from nineam.model import Finding, Root

QUEUES = WAITS - {"lock_wait"}
"""What is waited for in a lock is not known: it stays where it is."""
BEFORE_HOLDING = frozenset({"pool_wait", "server_wait", "threadpool_wait", "db_connect"})
"""Layers in which a request has no connection yet."""
TURN = "gil_wait"
CROWDED = 1.0
"""Threads of the application that wait for each processor, from which on its local services queue for one as well."""
MOST_GARBAGE = 2.0
"""Collecting takes no more than so many times what makes the garbage; beyond that it is the heap that is walked."""
PASSES = 4
"""How deep queues are nested: a worker, a thread, the loop, a pool."""
DRAWS = 200
RIVALS = 0.3
"""The second may be it when its share is at least this part of the first's."""
SURE = 0.8
"""How often the first must come first; below that, the first two are named."""
MOST = 5
SMALLEST_SHARE = 0.05


def roots(picture: Picture, findings: tuple[Finding, ...]) -> tuple[Root, ...]:
    """The work behind the growth, largest share first."""
    seconds = _seconds(picture)
    before = _before(picture, {key for second in seconds for key in second.layers})
    whole = _moved(before, seconds)
    total = sum(whole.values())
    if not total:
        return ()
    first = _how_often_first(before, seconds, Random(picture.run.meta.get("seed", 1)))  # noqa: S311 - no secrets
    requests = sum(picture.requests(picture.failing, name) for name in picture.users_endpoints(picture.failing))
    ranked = sorted(whole.items(), key=lambda item: -item[1])[:MOST]
    return tuple(
        _root(picture, findings, key, ns / total, ns / max(1, requests) / 1e6, first.get(key, 0.0))
        for key, ns in ranked
        if ns / total >= SMALLEST_SHARE
    )


def in_doubt(first: Root, second: Root) -> bool:
    """Whether it may be either; when one finding explains both, it is that."""
    explained = first.code and (first.code, first.where) == (second.code, second.where)
    return first.confidence < SURE and second.share >= RIVALS * first.share and not explained


def _root(
    picture: Picture, findings: tuple[Finding, ...], key: Key, share: float, ms: float, confidence: float
) -> Root:
    endpoint, layer = key
    known = explanation(findings, layer, endpoint)
    where, function = place(picture.source("endpoint", endpoint))
    return Root(
        layer=layer,
        endpoint=endpoint,
        ms=ms,
        share=share,
        confidence=confidence,
        code=known.code if known else "",
        where=known.where if known else where,
        function=known.function if known else function,
    )


class _Second:
    """What happened in one second of the load: nanoseconds per endpoint and layer, requests, and time on the loop."""

    def __init__(self) -> None:
        self.layers: Times = {}
        self.requests: dict[str, int] = {}
        self.loop: dict[str, int] = {}


class _Before(NamedTuple):
    """What is known beside the load: nanoseconds per request on localhost, and which endpoints use a database.

    `idle` is how long connections are out beyond being used, as a part of being used. On average over the load, `gil`
    and `late` are how many threads wait for the interpreter and for a processor, `cpu` is how many of the `cores` the
    application keeps busy, and `others` how many its services do where threads wait for one.
    """

    alone: Times
    in_database: frozenset[str]
    idle: float
    gil: float
    late: float
    cpu: float
    cores: int
    processes: int
    others: float


def _before(picture: Picture, keys: Iterable[Key]) -> _Before:
    alone = {key: picture.layer(picture.localhost, *key) * 1e6 for key in keys}
    held = held_connections(picture, picture.failing)
    idle = max(0.0, held.out / held.used - 1) if held and held.used else 0.0
    in_database = frozenset(name for name, _ in alone if picture.statements(picture.failing, name))
    waiting = waiting_threads(picture, picture.failing) if picture.failing else []
    cpu = picture.gauge_rate(picture.failing, "app.cpu_s") or 0.0
    late = picture.gauge_rate(picture.failing, "app.run_delay_s") or 0.0
    cores = int((picture.run.meta.get("machine") or {}).get("cores") or 1)
    generator = picture.stats(picture.failing).generator
    others = max(0.0, cores - cpu - generator.cpu_s / max(0.1, generator.wall_s)) if late else 0.0
    return _Before(
        _with_garbage(alone), in_database, idle, sum(waiting), late, cpu, cores, max(1, len(waiting)), others
    )


def _seconds(picture: Picture) -> list[_Second]:
    phase = picture.failing
    endpoints = set(picture.users_endpoints(phase))
    seconds: dict[int, _Second] = {}
    for row in picture.run.requests:
        if phase and row.phase == phase.id and row.endpoint in endpoints:
            second = seconds.setdefault(row.second, _Second())
            second.requests[row.endpoint] = second.requests.get(row.endpoint, 0) + row.requests
            second.loop[row.endpoint] = second.loop.get(row.endpoint, 0) + row.steps_ns
    for layer in picture.run.layers:
        if phase and layer.phase == phase.id and layer.endpoint in endpoints and layer.second in seconds:
            times = seconds[layer.second].layers
            times[layer.endpoint, layer.layer] = times.get((layer.endpoint, layer.layer), 0.0) + layer.ns
    return list(seconds.values())


def _moved(before: _Before, seconds: Iterable[_Second]) -> Times:
    """Nanoseconds beyond localhost of all requests, by the work they belong to."""
    layers: Times = {}
    requests: dict[str, int] = {}
    loop: dict[str, int] = {}
    count = 0
    for second in seconds:
        count += 1
        add(layers, second.layers)
        add(requests, second.requests)
        add(loop, second.loop)
    layers = _with_garbage(layers)
    alone = {key: before.alone[key] * requests.get(key[0], 0) for key in layers}
    waited = before.late + (0.0 if any(loop.values()) else before.gil)
    crowded = before.late >= CROWDED * before.cores
    layers = _with_turns(layers, alone, float("inf") if crowded else waited * count * 1e9)
    times = {key: ns - alone.get(key, 0.0) for key, ns in layers.items() if ns > alone.get(key, 0.0)}
    turns = shares_of(_computing(before, alone, count))
    holders = _holders(before, layers, loop) | {TURN: turns}
    if not any(loop.values()):
        holders["server_wait"] = mixed(turns, holders["server_wait"], min(1.0, waited / before.processes))
    for _ in range(PASSES):
        times = _pass_on(times, holders)
    return times


def _pass_on(times: Times, holders: dict[str, Times]) -> Times:
    passed: Times = {}
    for key, ns in times.items():
        shares = holders.get(key[1], {})
        if not shares:
            passed[key] = passed.get(key, 0.0) + ns
        for other, share in shares.items():
            passed[other] = passed.get(other, 0.0) + ns * share
    return passed


def _holders(before: _Before, layers: Times, loop: dict[str, int]) -> dict[str, Times]:
    """For each queue, what those who hold its resource do: shares that add up to one."""
    work = {key: ns for key, ns in layers.items() if key[1] not in QUEUES}
    on_loop = _on_loop(work, loop)
    in_threads = work if not on_loop else {**work, **on_loop}
    return {
        "pool_wait": shares_of(_with_connections(before, layers)),
        "http_pool_wait": shares_of({key: ns for key, ns in work.items() if key[1] == "http_client"}),
        "loop_lag": shares_of(on_loop),
        "adapter": shares_of(on_loop or work),
        "threadpool_wait": shares_of(in_threads),
        "server_wait": shares_of(on_loop or _with_queues(layers)),
    }


def _with_garbage(layers: Times) -> Times:
    """Layers with collecting added to computing, endpoint by endpoint, as long as what is computed explains it."""
    found = dict(layers)
    for (endpoint, layer), collected in layers.items():
        makers = {key: ns for key, ns in layers.items() if key[0] == endpoint and key[1] not in NO_GARBAGE}
        if layer == "gc" and collected < MOST_GARBAGE * sum(makers.values()):
            found[endpoint, layer] = 0.0
            for key, share in shares_of(makers).items():
                found[key] += share * collected
    return found


def _with_turns(layers: Times, alone: Times, waited: float) -> Times:
    """Layers with their growth made a queue for something to compute on, as far as threads `waited` for that at all."""
    still = {*QUEUES, "lock_wait"}
    grown = {key: ns - alone[key] for key, ns in layers.items() if key[1] not in still and ns > alone[key]}
    part = min(1.0, waited / sum(grown.values())) if grown else 0.0
    found = dict(layers)
    for (endpoint, layer), ns in grown.items():
        found[endpoint, layer] -= part * ns
        found[endpoint, TURN] = found.get((endpoint, TURN), 0.0) + part * ns
    return found


def _computing(before: _Before, alone: Times, seconds: int) -> Times:
    """What has the processors: the application's own work, and its services for those layers that ask them."""
    found = _on_cpu(alone, before.cpu * seconds * 1e9)
    asking = {key: ns for key, ns in alone.items() if key[1] in ELSEWHERE}
    for key, share in shares_of(asking).items():
        found[key] = found.get(key, 0.0) + share * before.others * seconds * 1e9
    return found


def _on_cpu(alone: Times, cpu: float) -> Times:
    """What the interpreter runs: computing layers as on localhost, and what they cannot account for the others'."""
    work = {key: ns for key, ns in alone.items() if key[1] not in QUEUES}
    computing = {key: ns for key, ns in work.items() if key[1] not in ELSEWHERE}
    others = {key: ns for key, ns in work.items() if key[1] in ELSEWHERE}
    accounted = min(cpu, sum(computing.values())) if others else cpu
    found = {key: share * accounted for key, share in shares_of(computing).items()}
    return found | {key: share * (cpu - accounted) for key, share in shares_of(others).items()}


def _with_connections(before: _Before, layers: Times) -> Times:
    """What those do who hold a connection: use it, and for the rest of the time what such requests do besides."""
    theirs = {key: ns for key, ns in layers.items() if key[0] in before.in_database}
    using = {key: ns for key, ns in theirs.items() if key[1] in DATABASE_LAYERS}
    besides = {key: ns for key, ns in theirs.items() if key[1] not in BEFORE_HOLDING and key not in using}
    idle = min(before.idle * sum(using.values()), sum(besides.values()))
    return using | {key: share * idle for key, share in shares_of(besides).items()}


def _with_queues(layers: Times) -> Times:
    """What workers of a synchronous server are kept by: their work, and what they themselves wait for."""
    return {key: ns for key, ns in layers.items() if key[1] not in {"server_wait", "threadpool_wait", "loop_lag"}}


def _on_loop(work: Times, loop: dict[str, int]) -> Times:
    """Each endpoint's time on the event loop: its computing layers', and what they cannot account for the others'."""
    found: Times = {}
    for endpoint, ns in loop.items():
        computing = {key: value for key, value in work.items() if key[0] == endpoint and key[1] not in ELSEWHERE}
        others = {key: value for key, value in work.items() if key[0] == endpoint and key[1] in ELSEWHERE}
        accounted = min(ns, sum(computing.values())) if others else ns
        for shares, part in ((shares_of(computing), accounted), (shares_of(others), ns - accounted)):
            for key, share in shares.items():
                found[key] = found.get(key, 0.0) + share * part
    return {key: ns for key, ns in found.items() if ns > 0}


def _how_often_first(before: _Before, seconds: list[_Second], choice: Random) -> dict[Key, float]:
    first: dict[Key, float] = {}
    for _ in range(DRAWS):
        times = _moved(before, choice.choices(seconds, k=len(seconds)))
        if times:
            key = max(times, key=lambda each: times[each])
            first[key] = first.get(key, 0.0) + 1 / DRAWS
    return first
