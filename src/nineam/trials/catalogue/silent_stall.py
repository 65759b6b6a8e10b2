"""The database falls silent, and connections that were there stay dead."""

from typing import Literal

from nineam.model.trial import Dependency
from nineam.trials.advice import no_deadline
from nineam.trials.lab import Lab, Session
from nineam.trials.meeting import Recovery
from nineam.trials.servers import limit_words
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import Window

RECOVERY_S = 10.0
Heal = Literal["resume", "reset", "zombie"]


async def run(lab: Lab, database: Dependency | None) -> Measured:
    """Let the database accept everything and answer nothing; afterwards only new connections work."""
    return await stalled(lab, database, "zombie")


async def stalled(lab: Lab, database: Dependency | None, heal: Heal) -> Measured:
    """Let the database fall silent, and speak again as `heal` says."""
    assert database is not None
    names = lab.touching(database)
    async with lab.session() as session:
        control = await session.control(names=names)
        async with session.fault(database, "stall", heal=heal) as meeting:
            await session.wait(lab.pace.fault_s)
            silence = session.player.between(meeting.began, session.now())
        recovery = await session.recovery(meeting.ended, min(RECOVERY_S, lab.pace.watch_s))
        killed = session.ended_workers()
        cause, fix = no_deadline(lab.facts(database), lab.server, killed)
        return Measured(
            holds=recovery.recovered and not session.died(),
            sentence=_sentence(recovery, silence) + (f"; {limit_words(lab.server, killed)}" if killed else ""),
            value=recovery.seconds,
            threshold=RECOVERY_S,
            unit="s to recover",
            recovery_s=recovery.seconds,
            recovered=recovery.recovered,
            fault_proof=meeting.proof() | {"heal": heal},
            generator_proof=session.proof(),
            evidence={"control_success": round(control.success, 3), "heal": heal}
            | _waits(session, silence, meeting.began)
            | {"workers_ended_by_the_server": killed},
            cause=cause,
            fix=fix,
        )


def _sentence(recovery: Recovery, silence: Window) -> str:
    if recovery.seconds is not None:
        return f"as good as before {recovery.seconds:g} s after the silence"
    return (
        f"not back {recovery.watched_s:g} s after the silence: of {silence.requests} requests sent into it "
        f"{silence.hanging} had no answer when it ended"
    )


def _waits(session: Session, silence: Window, began: float) -> dict[str, object]:
    """Say what became of the requests that were sent into the silence: when it ended, and until now."""
    now = session.player.between(began, silence.now)
    return {
        "sent_into_the_silence": silence.requests,
        "waiting_when_it_ended": silence.hanging,
        "still_waiting_at_the_end": now.hanging,
        "during": now.outcomes(),
    }


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
    evidence="How many requests were sent into the silence, how many waited when it ended, and how many still wait at "
    "the end; whether the server ended workers for that.",
    causes=(
        "no `connect_timeout`: libpq waits for ever",
        "no limit to a statement on the client's side (`command_timeout`, a worker's `--timeout`)",
        "an unbounded wait for a connection of the pool (`pool_timeout`, `timeout=`)",
    ),
    role="database",
    run=run,
    seconds=13.0,
)
