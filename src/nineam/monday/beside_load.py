"""Hostile payloads inside ordinary load: what became of them, and of everybody else meanwhile."""

from collections.abc import Sequence
from random import Random

import msgspec

from nineam.endpoints import HOSTILE, is_hostile, judged
from nineam.load import failures
from nineam.load.fleet import Fleet
from nineam.load.metrics import response_times
from nineam.merging import merge
from nineam.model import ClientShare, EndpointStats, LoadPlan, LoadStats, Payload, Phase, Record, RequestSpec
from nineam.model.payloads import Beside
from nineam.monday.plan import open_load
from nineam.payloads.asking import Answer, Ending, Headers, Target
from nineam.payloads.suspects import Suspect

MOST_PAYLOADS = 800
"""Each counts under a name of its own, of which a load process knows a thousand."""
LATE_US = 50_000.0
"""A generator that sends this late on average measures itself."""
ENDINGS: dict[str, Ending] = {
    failures.CLOSED: "closed",
    failures.RESET: "reset",
    failures.CUT_SHORT: "cut short",
    failures.MALFORMED: "garbled",
    failures.REFUSED: "refused",
}


class Burden(Record, frozen=True, kw_only=True):
    """Ordinary requests at a `rate` (per second) for so many `seconds`; hostile ones are a `share` of all (0 to 1)."""

    rate: float
    share: float = 0.1
    seconds: float = 10.0


async def beside_load(
    target: Target, requests: Sequence[RequestSpec], payloads: Sequence[Payload], burden: Burden, seed: int
) -> tuple[Beside, tuple[Suspect, ...]]:
    """Play ordinary load for a while, and again with hostile requests beside it; give what failed of these.

    Raises `NineamError` when the load process does not work.
    """
    plan = LoadPlan(
        base_url=target.base_url,
        requests=tuple(_with(target.headers, request) for request in requests),
        seed=seed,
        timeout_s=target.timeout_s,
        mark_requests=False,
    )
    share = burden.share / (1 - burden.share)
    choice = Random(f"{seed}/beside")  # noqa: S311 - which requests are sent, no secrets
    chosen = tuple(choice.sample(payloads, min(len(payloads), MOST_PAYLOADS)))
    hostile = msgspec.structs.replace(
        plan,
        clients=(ClientShare(profile="hostile", share=share),),
        payloads=tuple(msgspec.structs.replace(each, headers=_joined(each.headers, target.headers)) for each in chosen),
    )
    phase = open_load("payloads", burden.rate, burden.seconds)
    without = await _played(plan, phase)
    beside = await _played(hostile, phase)
    return _compared(without, beside, burden), suspects_of(beside, {each.id: each for each in chosen})


def suspects_of(stats: LoadStats, payloads: dict[str, Payload]) -> tuple[Suspect, ...]:
    """Give the payloads of which at least one request failed."""
    return tuple(
        Suspect(payloads[name], _answer(endpoint), under_load=True)
        for endpoint in stats.endpoints
        if endpoint.failed and is_hostile(endpoint.name)
        if (name := endpoint.name.removeprefix(HOSTILE)) in payloads
    )


def _answer(endpoint: EndpointStats) -> Answer:
    """Say how most of its failures looked."""
    how = endpoint.commonest_failure
    bad = {status: count for status, count in endpoint.statuses.items() if status >= "500"}
    if bad and not endpoint.errors:
        return Answer(status=int(max(bad, key=lambda status: bad[status])))
    return Answer(status=int(how)) if how.isdigit() else Answer(ending=ENDINGS.get(how, "silent"))


async def _played(plan: LoadPlan, phase: Phase) -> LoadStats:
    fleet, stats = Fleet(), LoadStats()
    try:
        await fleet.start(plan)
        async for event in fleet.run(phase):
            stats = merge(stats, event.stats)
    finally:
        await fleet.stop()
    return stats


def _compared(without: LoadStats, beside: LoadStats, burden: Burden) -> Beside:
    hostile = sum(each.requests for each in beside.endpoints if is_hostile(each.name))
    calm, now = judged(without.endpoints), judged(beside.endpoints)
    slips = [stats.generator.slip for stats in (without, beside)]
    return Beside(
        rate=burden.rate,
        share=burden.share,
        requests=sum(each.requests for each in now),
        hostile=hostile,
        p95_ms_without=round(response_times(calm).percentile(95) / 1000, 1),
        p95_ms_with=round(response_times(now).percentile(95) / 1000, 1),
        failed_without=_failed(calm),
        failed_with=_failed(now),
        trustworthy=all(slip.count == 0 or slip.total / slip.count < LATE_US for slip in slips),
    )


def _failed(endpoints: Sequence[EndpointStats]) -> float:
    requests = sum(each.requests for each in endpoints)
    return round(sum(each.failed for each in endpoints) / requests, 4) if requests else 0.0


def _with(headers: Headers, request: RequestSpec) -> RequestSpec:
    return msgspec.structs.replace(request, headers=_joined(request.headers, headers))


def _joined(own: Headers, more: Headers) -> Headers:
    names = {name for name, _ in more}
    return tuple(line for line in own if line[0].lower() not in names) + more
