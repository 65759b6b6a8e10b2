"""The cache is gone."""

from nineam.model.trial import Dependency
from nineam.trials.advice import needs_cache
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, Trial

LEAST_SUCCESS = 0.99
MOST_TIMES = 2.0


async def run(lab: Lab, cache: Dependency | None) -> Measured:
    """Let the cache refuse connections; users should be served all the same."""
    assert cache is not None
    names = lab.touching(cache)
    databases = [each for each in lab.leading.dependencies if each.role == "database"]
    async with lab.session() as session:
        began = sum(lab.counts(each).flights_up for each in databases)
        control = await session.control(names=names)
        calm = sum(lab.counts(each).flights_up for each in databases)
        asked = len(session.player.samples())
        async with session.fault(cache, "down") as meeting:
            await session.wait(lab.pace.fault_s)
            flights = sum(lab.counts(each).flights_up for each in databases) - calm
            during = session.player.between(meeting.began, meeting.began + lab.pace.fault_s - 0.5)
            sent = len(session.player.samples()) - asked
        before, now = (calm - began) / max(1, asked), flights / max(1, sent)
        held = during.success >= LEAST_SUCCESS and not (before > 0 and now > MOST_TIMES * before)
        recovery = await session.recovery(meeting.ended, decided=not held)
        holds = held and recovery.recovered
        cause, fix = needs_cache(lab.facts(cache))
        return Measured(
            holds=holds,
            sentence=f"{during.success:.0%} of the requests succeed without the cache"
            + (f", at {now / before:.1f} times the round trips to the database" if before and now > before else "")
            + ("" if recovery.recovered else f"; not as before {recovery.watched_s:g} s after the cache came back"),
            value=round(during.success * 100, 1),
            threshold=LEAST_SUCCESS * 100,
            unit="% of requests",
            recovery_s=recovery.seconds,
            recovered=recovery.told,
            fault_proof=meeting.proof(),
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "database_round_trips_before": round(before, 2),
                "database_round_trips_without": round(now, 2),
                "during": during.outcomes(),
            },
            cause=cause,
            fix=fix,
        )


TRIAL = Trial(
    name="cache-down",
    title="The cache is gone",
    what="The cache refuses connections for some seconds, then it is back.",
    why="A cache is there to make things faster. Where it has become something that nothing works without, it is one "
    "more database, without a copy.",
    inject="The proxy closes its port and resets every living connection.",
    measure="Success of the requests that use the cache; round trips to the database for each; recovery.",
    gate=f"99 % succeed, with at most {MOST_TIMES:g} times the round trips to the database, and it recovers.",
    evidence="What requests got; flights to the database before and meanwhile.",
    causes=(
        "errors of the cache are not caught: a miss is handled, a failure is not",
        "the client tries again for seconds before it gives up (redis-py's retries)",
        "everything falls through to the database at once",
    ),
    role="cache",
    run=run,
)
