"""The application is started while what it depends on is away."""

from nineam.faults.client import FaultProxy
from nineam.model.trial import Dependency
from nineam.trials.advice import fails_at_boot
from nineam.trials.lab import Lab, Session
from nineam.trials.trial import Measured, NotRunError, Trial
from nineam.trials.window import Sample, Window

RECOVERY_S = 10.0
BOOTS, SPARE_S, LOOK_S = 2.0, 1.0, 0.1
PATIENT_MS = 1000.0
CALM = Window((Sample(name="calm", at=0.0, end=PATIENT_MS / 1000, status=200, error=""),), 1.0)
"""Well is here: everybody is served within a second and a half."""


async def run(lab: Lab, dependency: Dependency | None) -> Measured:
    """Start it with the dependency away, let that come back, and see whether users are served then."""
    assert dependency is not None
    assert lab.proxy is not None
    await _ensure_same_port(lab)
    lab.proxy.apply("reset_peer", {"timeout": 0}, upstream=dependency.name)
    try:
        return await _started_without(lab, lab.proxy, dependency)
    finally:
        lab.proxy.heal("reset_peer", upstream=dependency.name)


async def _started_without(lab: Lab, proxy: FaultProxy, dependency: Dependency) -> Measured:
    async with lab.session(wait=False) as session:
        began = session.now()
        session.control_window = CALM
        session.player.start(lab.rate)
        booted_s = await _booted(session, began)
        await session.wait(lab.pace.fault_s)
        counts = proxy.heal("reset_peer", upstream=dependency.name)
        healed = session.now()
        session.troubles.append((began, healed))
        recovery = await session.recovery(healed)
        died = session.died()
        cause, fix = fails_at_boot(lab.facts(dependency), died=died)
        return Measured(
            holds=recovery.recovered and (recovery.seconds or 0.0) <= RECOVERY_S,
            sentence=_sentence(dependency, recovery.seconds, died),
            value=recovery.seconds,
            threshold=RECOVERY_S,
            unit="s until users are served",
            recovery_s=recovery.seconds,
            recovered=recovery.recovered,
            fault_proof={"fault": "reset_peer", "times": sum(each.times for each in counts)},
            generator_proof=session.proof(),
            evidence={
                "away_s": round(healed - began, 1),
                "first_answer": f"after {booted_s:.1f} s" if booted_s else "none while it was away",
                "last_words": " / ".join(session.app.tail(3)) if died else "",
                "during": session.player.between(began, healed).outcomes(),
            },
            cause=cause,
            fix=fix,
        )


async def _booted(session: Session, began: float) -> float:
    """Wait until it answers, whatever that is, or ends; seconds that took, 0 if it does not.

    Who waits for the dependency while it starts never answers: it gets twice the time of an ordinary start.
    """
    while session.now() - began < BOOTS * session.lab.boot_s + SPARE_S and not session.died():
        if any(each.status for each in session.player.samples()):
            return session.now() - began
        await session.wait(LOOK_S)
    return 0.0


async def _ensure_same_port(lab: Lab) -> None:
    """Raise NotRunError when it listens elsewhere at each start: nobody could tell where, before it answers."""
    before = lab.base_url
    if not lab.subject.url:
        async with lab.session():
            pass
    if lab.base_url != before:
        raise NotRunError("it listens on another port at every start: give it a fixed one")


def _sentence(dependency: Dependency, recovered_s: float | None, died: str) -> str:
    if died:
        return f"started without {dependency.name} it ends ({died}), and does not come back by itself"
    if recovered_s is None:
        return f"started without {dependency.name} it never serves, though that came back"
    return f"started without {dependency.name}, it serves {recovered_s:g} s after that came back"


TRIAL = Trial(
    name="boot-without-dependency",
    title="Started while its database is away",
    what="The application starts while what it depends on resets every connection; some seconds after it has started "
    "that is back.",
    why="After an outage everything starts at the same time. Who ends because the other is not there yet is started "
    "again later and later by the orchestrator: minutes of outage from seconds of waiting.",
    inject="The proxy resets every connection from before the start until some seconds after the first answer, "
    "whatever that is; who does not answer without it gets twice the time of an ordinary start.",
    measure="Seconds from the return of the dependency until users are served, without a restart.",
    gate=f"Within {RECOVERY_S:g} s.",
    evidence="Whether it ended, with its last words; what requests got.",
    causes=(
        "a connection that is opened when a module is imported",
        "migrations or a check of the database in the command that starts the server",
        "a pool that is opened once (`open(wait=True)`) and never again",
    ),
    role="any",
    run=run,
    seconds=9.0,
)
