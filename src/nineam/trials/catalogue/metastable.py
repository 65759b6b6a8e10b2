"""A short trigger, clients that try again, and a load that the application otherwise carries."""

from nineam.model.trial import Dependency
from nineam.trials.lab import Lab, Session
from nineam.trials.server_advice import metastable
from nineam.trials.trial import Measured, Trial

SHARE = 0.7
MOST_RATE = 60.0
TRIGGER_TIMES = 3.0
TRIGGER_S = 3.0
RETRIES = 2
GIVES_UP_S = 2.0
RECOVERY_S = 30.0
LOWER = (0.5, 0.25, 0.1)


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Hold a load that is carried, push for three seconds, and see whether it is carried again afterwards."""
    rate = min(MOST_RATE, lab.knee * SHARE)
    async with lab.session(patience_s=GIVES_UP_S) as session:
        control = await session.control(rate=rate)
        session.player.retries = RETRIES
        began = session.now()
        session.player.rate = max(rate, lab.knee) * TRIGGER_TIMES
        await session.wait(TRIGGER_S)
        session.player.rate = rate
        ended = session.now()
        session.troubles.append((began, ended))
        recovery = await session.recovery(ended, watch_s=max(2 * lab.pace.watch_s, GIVES_UP_S * 4))
        after = session.player.between(ended, session.now())
        lower = None if recovery.recovered else await _lower(session, rate)
        cause, fix = metastable(lab.server, lab.knee)
        return Measured(
            holds=recovery.recovered and (recovery.seconds or 0.0) <= RECOVERY_S and not session.died(),
            sentence=_sentence(rate, recovery.seconds, lower),
            value=recovery.seconds,
            threshold=RECOVERY_S,
            unit="s to recover with the load held",
            recovery_s=recovery.seconds,
            recovered=recovery.recovered,
            fault_proof={"fault": "trigger", "times": after.requests, "rate": rate * TRIGGER_TIMES},
            generator_proof=session.proof(),
            evidence={
                "control_success": round(control.success, 3),
                "load": rate,
                "sent_for_each_request_afterwards": round(after.requests / max(1.0, rate * (session.now() - ended)), 2),
                "recovers_at": f"{lower:g} requests/s" if lower else "",
                "afterwards": after.outcomes(),
            },
            cause=cause,
            fix=fix,
        )


async def _lower(session: Session, rate: float) -> float | None:
    """Lower the load until users are served again; that load."""
    for share in LOWER:
        session.player.rate = rate * share
        recovery = await session.recovery(session.now(), watch_s=GIVES_UP_S * 2)
        if recovery.recovered:
            return rate * share
    return None


def _sentence(rate: float, recovered_s: float | None, lower: float | None) -> str:
    trigger = f"{TRIGGER_S:g} s of {TRIGGER_TIMES:g} times the load"
    if recovered_s is not None:
        return f"not reproduced: {recovered_s:g} s after {trigger} it carries {rate:.0f} requests/s as before"
    then = f"only at {lower:.0f} requests/s are users served again" if lower else "not even a tenth of it is served"
    return f"{trigger} are over, the {rate:.0f} requests/s that it carried before kill it; {then}"


TRIAL = Trial(
    name="metastable",
    title="A short push must not keep it down",
    what=f"{SHARE:.0%} of what it carries, {TRIGGER_S:g} s of {TRIGGER_TIMES:g} times as much, and then the same load "
    f"as before, from clients who try again twice.",
    why="Some outages keep themselves alive: retries and requests that nobody waits for any more are now the load. "
    "They end only when somebody takes traffic away.",
    inject=f"A surge; clients give up after {GIVES_UP_S:g} s and try again, at most {RETRIES} times.",
    measure="Seconds until requests fare as before, with the load held.",
    gate=f"Within {RECOVERY_S:g} s (of which it is watched for 20). Passing shows that it was not reproduced, not that "
    "it cannot happen.",
    evidence="What is sent for each request; at which load it recovers.",
    causes=(
        "an unbounded queue, first come first served: the oldest requests have no client any more",
        "retries without a budget, in clients and between services",
        "a cold cache that can only be warmed by being fast",
    ),
    role="",
    run=run,
    usual=False,
    seconds=14.0,
)
