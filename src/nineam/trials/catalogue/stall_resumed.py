"""The database falls silent, and then answers everything it was asked."""

from nineam.model.trial import Dependency
from nineam.trials.catalogue.silent_stall import EVIDENCE, GATE, stalled
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, Trial


async def run(lab: Lab, database: Dependency | None) -> Measured:
    """Let the database answer nothing for some seconds, and then what it was asked meanwhile."""
    return await stalled(lab, database, "resume")


TRIAL = Trial(
    name="stall-resumed",
    title="The database falls silent, and goes on",
    what="For some seconds everything that is sent to the database is accepted and nothing is answered. Then every "
    "connection goes on where it was: a lock, a checkpoint, a disk that was full.",
    why="What piled up meanwhile comes at once, for clients of whom half have left. Whoever works all of it off first "
    "keeps everybody waiting.",
    inject="The proxy holds all data in both directions; healed, it delivers them.",
    measure="Seconds from the end of the silence until requests succeed, and are answered, as before.",
    gate=GATE,
    evidence=EVIDENCE,
    causes=(
        "a queue without a limit, first come first served",
        "a timeout that ended the workers, which now all start and connect at once",
    ),
    role="database",
    run=run,
    usual=False,
    seconds=13.0,
)
