"""The database falls silent, and connections that were there stay dead."""

from nineam.model.trial import Dependency
from nineam.trials.advice import no_deadline
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import timeline

RECOVERY_S = 10.0


async def run(lab: Lab, database: Dependency | None) -> Measured:
    """Let the database accept everything and answer nothing; afterwards only new connections work."""
    assert database is not None
    names = lab.touching(database)
    async with lab.session() as session:
        control = await session.control(names=names)
        async with session.fault(database, "stall", heal="zombie") as meeting:
            await session.wait(lab.pace.fault_s)
        recovery = await session.recovery(meeting.ended)
        during = session.player.between(meeting.began, meeting.ended)
        cause, fix = no_deadline(lab.facts(database))
        return Measured(
            holds=recovery.recovered and (recovery.seconds or 0.0) <= RECOVERY_S and not session.died(),
            sentence=f"as good as before {recovery.seconds:g} s after the silence"
            if recovery.seconds is not None
            else f"not back {lab.pace.watch_s:g} s after the silence: of {during.requests} requests sent into it "
            f"{sum(each.status == 0 for each in during.samples)} never got an answer",
            value=recovery.seconds,
            threshold=RECOVERY_S,
            unit="s to recover",
            recovery_s=recovery.seconds,
            recovered=recovery.recovered,
            fault_proof=meeting.proof() | {"heal": "zombie"},
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "sent_into_the_silence": during.requests,
                "still_waiting_at_the_end": during.hanging,
                "during": during.outcomes(),
                "timeline": timeline(session.player.samples(), meeting.began, during.now),
            },
            cause=cause,
            fix=fix,
        )


TRIAL = Trial(
    name="silent-stall",
    title="The database falls silent, and old connections stay dead",
    what="For some seconds everything that is sent to the database is accepted and nothing is answered. Afterwards new "
    "connections work, those from before never again: a hung pooler, a router that forgot, a failover without a reset.",
    why="Nothing is refused and nothing fails, so nothing wakes up. Most applications never come back from it: their "
    "pool is full of connections that wait for ever.",
    inject="The proxy holds all data in both directions; healed, it leaves the old connections dead (zombies).",
    measure="Seconds from the end of the silence until requests succeed, and are answered, as before.",
    gate=f"As good as before within {RECOVERY_S:g} s, without a restart.",
    evidence="How many requests were sent into the silence, and how many of these still wait at the end.",
    causes=(
        "no `connect_timeout`: libpq waits for ever",
        "no limit to a statement on the client's side (`command_timeout`, a worker's `--timeout`)",
        "an unbounded wait for a connection of the pool (`pool_timeout`, `timeout=`)",
    ),
    role="database",
    run=run,
    seconds=13.0,
)
