"""The database is as far away as in production: 50 ms there and back."""

import statistics
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from nineam.model.trial import Dependency
from nineam.trials.advice import chatty
from nineam.trials.lab import Lab, Session
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import Window

RTT_MS = 50.0
MOST_TRIPS = 10.0
ASKS = 5
AGREEING = 0.75
"""So near have the round trips by the slope and those that the proxy counted to be: then neither is chance."""
BUDGET_S = 12.0
"""An endpoint with a hundred round trips takes five seconds an answer: it is asked less often."""


class Endpoint(NamedTuple):
    """What the distance did to one endpoint: milliseconds without and with it, round trips, connections opened."""

    name: str
    near_ms: float
    far_ms: float
    flights: float
    connections: float

    @property
    def slope(self) -> float:
        """How much latency the distance added, in round trips."""
        return max(0.0, (self.far_ms - self.near_ms) / RTT_MS)

    @property
    def trips(self) -> float:
        """Round trips one after the other: the slope, which is never more than the flights that were counted."""
        return min(self.slope, self.flights) if self.flights else self.slope


async def run(lab: Lab, database: Dependency | None) -> Measured:
    """Ask every endpoint without and with the distance, one request at a time."""
    assert database is not None
    names = lab.touching(database)
    async with lab.session() as session:
        for name in (*names, *names):
            await session.player.answer(name)
        near = {name: await _median_ms(session, name, BUDGET_S / 4 / len(names)) for name in names}
        calm = Window(tuple(session.player.samples()), session.now()).success
        found = []
        async with session.fault(database, "latency", latency=RTT_MS) as meeting:
            for name in names:
                found.append(await _far(session, database, name, near[name], BUDGET_S / len(names)))
        measured = _measured(lab, database, found, meeting.proof() | {"injected_ms": RTT_MS}, session)
        evidence = {"control_success": round(calm, 3)} | measured.evidence
        return msgspec.structs.replace(measured, evidence=evidence)


async def _median_ms(session: Session, name: str, budget_s: float) -> float:
    took: list[float] = []
    began = time.monotonic()
    while len(took) < ASKS and (not took or time.monotonic() - began < budget_s):
        sample = await session.player.answer(name)
        took.append(sample.ms(sample.end or sample.at))
    return statistics.median(took)


async def _far(session: Session, database: Dependency, name: str, near_ms: float, budget_s: float) -> Endpoint:
    before, asked = session.lab.counts(database), len(session.player.late_ms)
    far_ms = await _median_ms(session, name, budget_s)
    after, asks = session.lab.counts(database), len(session.player.late_ms) - asked
    flights, connections = after.flights_up - before.flights_up, after.connections - before.connections
    return Endpoint(name, near_ms, far_ms, flights / asks, connections / asks)


def _measured(
    lab: Lab, database: Dependency, found: Sequence[Endpoint], proof: dict[str, object], session: Session
) -> Measured:
    worst = max(found, key=lambda each: each.trips)
    holds: bool | None = worst.trips <= MOST_TRIPS
    sentence = (
        f"{worst.name} makes {worst.trips:.1f} round trips one after the other: "
        f"{worst.near_ms:.0f} ms on localhost, {worst.far_ms:.0f} ms with the database {RTT_MS:g} ms away"
    )
    if holds and worst.slope > MOST_TRIPS:
        holds, sentence = None, f"{sentence}, but only {worst.flights:.1f} were counted: something else was slow"
    cause, fix = chatty(lab.facts(database), worst.flights, worst.connections)
    return Measured(
        holds=holds,
        twice=holds is False and min(worst.slope, worst.flights) >= AGREEING * max(worst.slope, worst.flights),
        sentence=sentence,
        value=round(worst.trips, 2),
        threshold=MOST_TRIPS,
        unit="round trips in a row",
        fault_proof=proof,
        generator_proof=session.proof(),
        evidence={
            "round_trips": {each.name: round(each.trips, 1) for each in found},
            "flights_counted": {each.name: round(each.flights, 1) for each in found},
            "connections_per_request": {each.name: round(each.connections, 2) for each in found if each.connections},
        },
        cause=cause,
        fix=fix,
    )


TRIAL = Trial(
    name="database-latency",
    title="The database is 50 ms away",
    what="Every round trip to the database takes 50 ms longer, as in another zone or behind a busy proxy.",
    why="On localhost a round trip is free, so nobody counts them. Seventy of them are 3.5 s in production.",
    inject="The proxy delays every flight by 25 ms each way; a large answer is delayed once.",
    measure="The slope of each endpoint's latency over the distance: its round trips one after the other. Where the "
    "proxy counted as many, one attempt says it.",
    gate=f"At most {MOST_TRIPS:g} round trips in a row, in the worst endpoint.",
    evidence="Latency without and with the distance; flights counted by the proxy; connections opened per request.",
    causes=(
        "one query per row (N+1): `selectinload`, `select_related` or `prefetch_related` is missing",
        "a new connection for every request (4 round trips and more): Django's `CONN_MAX_AGE = 0`, no pool",
        "`pool_pre_ping`, `BEGIN` and `ROLLBACK` around a single query: one round trip each",
    ),
    role="database",
    run=run,
    seconds=8.0,
)
