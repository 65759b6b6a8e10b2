"""Clients leave in the middle, and connections should leave with them."""

from nineam.model.trial import Dependency
from nineam.trials.advice import leaks
from nineam.trials.lab import Lab, Session
from nineam.trials.trial import Measured, Trial

ROUNDS, AT_ONCE = 3, 8
SLOW_MS = 800.0
LEAVE_S = 0.3
QUIET_S = 3.0
MOST_MORE = 2


async def run(lab: Lab, dependency: Dependency | None) -> Measured:
    """Let clients hang up while a slow dependency is asked for them; count what stays open."""
    assert dependency is not None
    names = lab.touching(dependency)
    async with lab.session() as session:
        await session.player.burst(names, AT_ONCE, 1.0)
        await session.wait(QUIET_S / 2)
        before = lab.counts(dependency).living
        left = 0
        trips = max(1.0, min(lab.touches[name][dependency.name] for name in names))
        async with session.fault(dependency, "latency", latency=SLOW_MS / trips) as meeting:
            for _ in range(ROUNDS):
                left += await _leave(session, names)
        await session.wait(QUIET_S)
        after = lab.counts(dependency).living
        answered = await session.player.answer(names[0])
        cause, fix = leaks(lab.facts(dependency))
        return Measured(
            holds=after - before <= MOST_MORE and answered.ok if left else None,
            sentence=f"{left} clients hung up; connections to {dependency.name}: {before} before, {after} "
            f"{QUIET_S:g} s later" + ("" if answered.ok else "; the next request fails"),
            value=float(after - before),
            threshold=float(MOST_MORE),
            unit="connections more",
            fault_proof=meeting.proof() | {"hung_up": left},
            generator_proof=session.proof(),
            evidence={"living_before": before, "living_after": after, "clients_that_left": left},
            cause=cause,
            fix=fix,
        )


async def _leave(session: Session, names: tuple[str, ...]) -> int:
    for number in range(AT_ONCE):
        session.player.ask(names[number % len(names)])
    await session.wait(LEAVE_S)
    gone = session.player.hang_up()
    await session.wait(SLOW_MS / 1000)
    return gone


TRIAL = Trial(
    name="connection-leak",
    title="Clients leave in the middle, connections do not stay behind",
    what="Clients hang up while the application waits for a slow dependency on their behalf.",
    why="What is cleaned up only when all goes well is not cleaned up then. A connection for each client who leaves, "
    "and by the evening the database takes no more.",
    inject="The dependency is far away, so that requests take about a second; clients hang up after 0.3 s.",
    measure="Connections through the proxy before, and after some quiet seconds.",
    gate=f"At most {MOST_MORE} more than before, and the next request is served.",
    evidence="Living connections; how many clients left.",
    causes=(
        "a connection that is closed on the last line, not in `finally` or by `with`",
        "a task that is cancelled between opening and handing over (`asyncio.CancelledError`)",
        "sessions without a dependency that closes them",
    ),
    role="any",
    run=run,
    usual=False,
    seconds=13.0,
)
