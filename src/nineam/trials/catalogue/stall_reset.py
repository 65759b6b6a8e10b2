"""The database falls silent, and then every connection to it breaks."""

from nineam.model.trial import Dependency
from nineam.trials.catalogue.silent_stall import EVIDENCE, GATE, stalled
from nineam.trials.lab import Lab
from nineam.trials.trial import Measured, Trial


async def run(lab: Lab, database: Dependency | None) -> Measured:
    """Let the database answer nothing for some seconds, and then reset the connections there are."""
    return await stalled(lab, database, "reset")


TRIAL = Trial(
    name="stall-reset",
    title="The database falls silent, and connections break",
    what="For some seconds everything that is sent to the database is accepted and nothing is answered. Then every "
    "connection from before is reset, and new ones work: a failover that ends well.",
    why="All that waited fails in the same moment, and everybody connects at once, with the first request that does.",
    inject="The proxy holds all data in both directions; healed, it resets the old connections.",
    measure="Seconds from the end of the silence until requests succeed, and are answered, as before.",
    gate=GATE,
    evidence=EVIDENCE,
    causes=(
        "one connection for the whole process, opened at import and never again",
        "a pool that hands out dead connections: no `pool_pre_ping`, no `CONN_HEALTH_CHECKS`, no `check=`",
        "a queue without a limit: nothing fails, and everything is late",
    ),
    role="database",
    run=run,
    usual=False,
    seconds=13.0,
)
