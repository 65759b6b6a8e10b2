"""Ten times as many requests as usual, for some seconds."""

from nineam.model.trial import Dependency
from nineam.trials.lab import Lab
from nineam.trials.meeting import Recovery
from nineam.trials.server_advice import no_admission
from nineam.trials.servers import limit_words
from nineam.trials.trial import Measured, Trial

TIMES = 10.0
LEAST_SHARE = 0.8
SOON_S = 2.0
RECOVERY_S = 10.0
GIVES_UP_S = 3.0
"""So patient are clients here; more would only pile up connections of our own."""
SETTLES_S = 1.0
TURNED_AWAY = (429, 503)


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Send ten times the ordinary rate, and count who is served within two seconds."""
    async with lab.session(patience_s=GIVES_UP_S) as session:
        control = await session.control()
        began, ordinary = session.now(), session.player.rate
        session.player.rate = ordinary * TIMES
        await session.wait(lab.pace.fault_s)
        session.player.rate = ordinary
        ended = session.now()
        session.troubles.append((began, ended))
        recovery = await session.recovery(ended, SOON_S, decided=True)
        surge = session.player.between(began + SETTLES_S, ended)
        goodput = surge.within(SOON_S) / max(0.1, ended - began - SETTLES_S)
        expected = min(lab.knee, ordinary * TIMES)
        carried = goodput >= LEAST_SHARE * expected
        if carried and not recovery.recovered:
            recovery = await session.recovery(ended)
        died, killed = session.died(), session.ended_workers()
        holds = carried and recovery.recovered and not died
        turned_away = sum(each.status in TURNED_AWAY for each in surge.samples) / max(1, surge.requests)
        cause, fix = no_admission(lab.server, lab.knee, killed, turned_away)
        return Measured(
            holds=holds and (recovery.seconds or 0.0) <= RECOVERY_S,
            sentence=f"the application ended ({died})"
            if died
            else f"{goodput:.0f} of {ordinary * TIMES:.0f} requests/s are served within {SOON_S:g} s "
            f"({expected:.0f} would be possible); {_back(recovery)}"
            + (f"; {limit_words(lab.server, killed)}" if killed else ""),
            value=round(goodput, 1),
            threshold=round(LEAST_SHARE * expected, 1),
            unit="requests/s served in time",
            recovery_s=recovery.seconds,
            recovered=recovery.told,
            fault_proof={"fault": "surge", "times": surge.requests, "rate": ordinary * TIMES},
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "knee": lab.knee,
                "during": surge.outcomes(),
                "workers_ended_by_the_server": killed,
            },
            cause=cause,
            fix=fix,
        )


def _back(recovery: Recovery) -> str:
    if recovery.seconds is not None:
        return f"as before after {recovery.seconds:g} s"
    return f"not as before within {recovery.watched_s:g} s"


TRIAL = Trial(
    name="surge",
    title="Ten times as many requests as usual",
    what="For some seconds ten times the ordinary rate arrives, whether the application keeps up or not.",
    why="A newsletter, a restart of a proxy, a retry of everybody. What cannot be served has to be turned away at "
    "once: an application that queues everything serves nobody in time.",
    inject=f"Open load at {TIMES:g} times the ordinary rate; clients give up after {GIVES_UP_S:g} s.",
    measure=f"Requests served within {SOON_S:g} s, each second; how long afterwards it is as before.",
    gate=f"At least {LEAST_SHARE:.0%} of what it carries without a surge (or of what is sent, if that is less), and as "
    f"before within {RECOVERY_S:g} s.",
    evidence="Served and turned away second by second; what it carried with eight users.",
    causes=(
        "no limit to what is let in: `uvicorn --limit-concurrency`, a bounded backlog",
        "requests are worked on whose client is gone",
        "a pool whose queue is longer than anybody's patience (`pool_timeout` 30 s)",
    ),
    role="",
    run=run,
    seconds=11.0,
)
