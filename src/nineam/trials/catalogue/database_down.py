"""The database goes away for some seconds, and comes back."""

import math

from nineam.model.trial import Dependency
from nineam.trials.advice import stale_connections
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import Window

RECOVERY_S = 5.0


async def run(lab: Lab, database: Dependency | None) -> Measured:
    """Let the database refuse connections, then look how long users still feel it."""
    assert database is not None
    names = lab.touching(database)
    async with lab.session() as session:
        control = await session.control(names=names)
        async with session.fault(database, "down") as meeting:
            await session.wait(lab.pace.fault_s)
        recovery = await session.recovery(meeting.ended, min(RECOVERY_S, lab.pace.watch_s))
        during = session.player.between(meeting.began, meeting.ended)
        evidence = _evidence(control, during)
        died = session.died()
        slow = during.quantile_ms(0.95, lambda each: not each.ok)
        holds = recovery.recovered and (recovery.seconds or 0) <= RECOVERY_S and not died
        cause, fix = stale_connections(lab.facts(database), died=died)
        return Measured(
            holds=holds,
            sentence=_sentence(recovery.seconds, died, recovery.watched_s),
            value=recovery.seconds,
            threshold=RECOVERY_S,
            unit="s to recover",
            recovery_s=recovery.seconds,
            recovered=recovery.recovered,
            fault_proof=meeting.proof(),
            generator_proof=session.proof(),
            evidence=evidence | {"errors_p95_ms": None if math.isnan(slow) else round(slow)},
            cause=cause,
            fix=fix,
        )


def _sentence(recovered_s: float | None, died: str, watched_s: float) -> str:
    if died:
        return f"the application ended ({died})"
    if recovered_s is None:
        return f"it did not come back within {watched_s:g} s after the database had"
    return f"as good as before {recovered_s:g} s after the database came back"


def _evidence(control: Window, during: Window) -> dict[str, object]:
    return {
        "control_success": round(control.success, 3),
        "during": during.outcomes(),
    }


TRIAL = Trial(
    name="database-down",
    title="The database goes down and comes back",
    what="For some seconds the database refuses connections and resets those there are, as in a restart or a failover.",
    why="It happens at every upgrade. Requests may fail meanwhile; what must not happen is that they fail afterwards.",
    inject="The proxy closes its port and resets every living connection; then it opens the port again.",
    measure="Seconds from the return of the database until requests succeed, and are answered, as before.",
    gate=f"As good as before within {RECOVERY_S:g} s, without a restart.",
    evidence="What requests got meanwhile, second by second; how long errors took; who connected from where.",
    causes=(
        "one connection for the whole process, opened at import and never again",
        "a pool that hands out dead connections: no `pool_pre_ping`, no `CONN_HEALTH_CHECKS`, no `check=`",
        "a process that ends when its database does",
    ),
    role="database",
    run=run,
)
