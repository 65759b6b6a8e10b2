"""Clients leave; the work for them should end too."""

from nineam.model.trial import Dependency
from nineam.trials.advice import works_for_nobody
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, NotApplicableError, Trial

CLIENTS = 4
LEAVE_S = 1.0
SPARE_S = 1.0
TAKES_S = 5.0
LEAST_TRIPS = 4.0
MOST_SHARE = 0.1


async def run(lab: Lab, dependency: Dependency | None) -> Measured:
    """Make requests take five seconds, hang up after one, and count what is asked of the dependency later."""
    assert dependency is not None
    name = max(lab.touching(dependency), key=lambda each: lab.touches[each][dependency.name])
    trips = lab.touches[name][dependency.name]
    if trips < LEAST_TRIPS:
        raise NotApplicableError(f"{name} makes only {trips:g} round trips to {dependency.name}: nothing to abandon")
    async with lab.session() as session:
        for _ in range(2):
            await session.player.answer(name)
        async with session.fault(dependency, "latency", latency=TAKES_S * 1000 / trips) as meeting:
            before = lab.counts(dependency).flights_up
            for _ in range(CLIENTS):
                session.player.ask(name)
            await session.wait(LEAVE_S)
            left = session.player.hang_up()
            await session.wait(SPARE_S)
            by_then = lab.counts(dependency).flights_up
            await session.wait(TAKES_S)
            later = lab.counts(dependency).flights_up - by_then
        share = later / (CLIENTS * trips)
        cause, fix = works_for_nobody(lab.facts(dependency))
        return Measured(
            holds=share <= MOST_SHARE if left else None,
            sentence=f"{share:.0%} of the work is done for clients who left more than {SPARE_S:g} s before",
            value=round(share * 100, 1),
            threshold=MOST_SHARE * 100,
            unit="% of the round trips",
            fault_proof=meeting.proof() | {"hung_up": left},
            generator_proof=session.proof(),
            evidence={
                "round_trips_before": by_then - before,
                "round_trips_for_nobody": later,
                "clients_that_left": left,
            },
            cause=cause,
            fix=fix,
        )


TRIAL = Trial(
    name="abandoned-work",
    title="Clients leave, and the work for them ends",
    what="Clients hang up while the application makes one round trip after the other for them.",
    why="Who waits in vain clicks again. Then the application works twice, and half of it for nobody: that is how it "
    "gets slower the slower it is.",
    inject="The dependency is so far away that a request takes five seconds; clients hang up after one.",
    measure="Round trips to the dependency later than a second after the client has left.",
    gate=f"At most {MOST_SHARE:.0%} of those that the requests need.",
    evidence="Round trips before and after.",
    causes=(
        "sync handlers cannot be cancelled",
        "`await request.is_disconnected()` is never asked between steps",
        "no limit to the whole request, so that an end comes at least some day (`statement_timeout`, a deadline)",
    ),
    role="database",
    run=run,
    usual=False,
    seconds=12.0,
)
