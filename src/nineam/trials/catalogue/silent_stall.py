"""The database falls silent, and connections that were there stay dead."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from nineam.model.trial import Dependency
from nineam.trials.advice import no_deadline, stale_connections
from nineam.trials.aftermath import Aftermath, aftermath
from nineam.trials.lab import POLL_S, Lab, Session
from nineam.trials.meeting import Meeting, Recovery
from nineam.trials.queue_advice import dead_connections, piled_up
from nineam.trials.servers import Server, limit_words
from nineam.trials.trial import Measured, Trial
from nineam.trials.window import Window

RECOVERY_S = 10.0
GATE = (
    f"As good as before within {RECOVERY_S:g} s, without a restart, and nothing that was asked in the silence waits "
    "any longer."
)
EVIDENCE = (
    "How many requests were sent into the silence, how many waited when it ended, and how many still wait at the end; "
    "whether later ones failed at once, came late or waited in vain, and how many connections were opened since; "
    "whether the server ended workers."
)
Heal = Literal["resume", "reset", "zombie"]


async def run(lab: Lab, database: Dependency | None) -> Measured:
    """Let the database accept everything and answer nothing; afterwards only new connections work."""
    return await stalled(lab, database, "zombie")


class Silence(NamedTuple):
    """What a silence did: to requests sent into it (`sent`, when it ended, and `left`, at the end), and to later ones.

    `opened` are the connections to the database that were opened since it ended.
    """

    sent: Window
    left: Window
    recovery: Recovery
    after: Aftermath
    opened: int
    ended_workers: int
    died: str

    @property
    def dead(self) -> int:
        """How many wait for ever, for all that could be seen, in an application that serves others as before."""
        return self.left.hanging if self.recovery.recovered else 0


async def stalled(lab: Lab, database: Dependency | None, heal: Heal) -> Measured:
    """Let the database fall silent, and speak again as `heal` says."""
    assert database is not None
    names = lab.touching(database)
    # who gives up sooner could not be told from who was answered
    patience_s = max(lab.pace.patience_s, lab.pace.fault_s + RECOVERY_S + 3.0)
    async with lab.session(patience_s=patience_s) as session:
        control = await session.control(names=names)
        async with session.fault(database, "stall", heal=heal) as meeting:
            await session.wait(lab.pace.fault_s)
            sent, before = session.player.between(meeting.began, session.now()), lab.counts(database).connections
        silence = await _after(session, meeting, sent, lambda: lab.counts(database).connections - before)
        cause, fix = _blame(lab, database, silence)
        return Measured(
            holds=silence.recovery.recovered and not silence.died and not silence.dead,
            sentence=_sentence(silence, lab.server),
            value=float(silence.dead) if silence.dead else silence.recovery.seconds,
            threshold=0.0 if silence.dead else RECOVERY_S,
            unit="requests without an end" if silence.dead else "s to recover",
            recovery_s=silence.recovery.seconds,
            recovered=silence.recovery.recovered,
            fault_proof=meeting.proof() | {"heal": heal},
            generator_proof=session.proof(),
            evidence={"control_success": round(control.success, 3), "heal": heal} | _evidence(silence),
            cause=cause,
            fix=fix,
        )


async def _after(session: Session, meeting: Meeting, sent: Window, opened: Callable[[], int]) -> Silence:
    """Watch until all is as before, and until what was sent into the silence has an end, in time for the gate."""
    recovery = await session.recovery(meeting.ended, min(RECOVERY_S, session.lab.pace.watch_s))
    after = aftermath(session.player.between(meeting.ended, session.now()), session.control_window)
    known = opened()
    while (left := session.player.between(meeting.began, sent.now)).hanging and not session.died():
        if session.now() >= meeting.ended + RECOVERY_S:
            break
        await session.wait(POLL_S)
    return Silence(sent, left, recovery, after, known, session.ended_workers(), session.died())


def _blame(lab: Lab, database: Dependency, silence: Silence) -> tuple[str, str]:
    """Say why it is not as before, by what happened to the requests since."""
    facts, ended = lab.facts(database), silence.ended_workers
    if silence.died:
        return stale_connections(facts, died=silence.died)
    if silence.after.kind == "fails" and not silence.recovery.recovered:
        return dead_connections(facts, silence.after.failing, silence.opened)
    if silence.after.kind == "late" and not silence.recovery.recovered:
        waited, gave_up = silence.sent.hanging, any(each.end and not each.ok for each in silence.sent.samples)
        return piled_up(facts, lab.server, lab.knee, waited=waited, gave_up=gave_up, ended=ended)
    return no_deadline(facts, lab.server, ended)


def _sentence(silence: Silence, server: Server) -> str:
    recovery, sent, ended = silence.recovery, silence.sent, silence.ended_workers
    limit = f"; {limit_words(server, ended)}" if ended else ""
    if recovery.seconds is None:
        return (
            f"not back {recovery.watched_s:g} s after the silence: of {sent.requests} requests sent into it "
            f"{sent.hanging} had no answer when it ended{limit}"
        )
    dead = f", but {silence.dead} of {sent.requests} requests sent into it still wait" if silence.dead else ""
    return f"as good as before {recovery.seconds:g} s after the silence{dead}{limit}"


def _evidence(silence: Silence) -> dict[str, object]:
    return {
        "sent_into_the_silence": silence.sent.requests,
        "waiting_when_it_ended": silence.sent.hanging,
        "still_waiting_at_the_end": silence.left.hanging,
        "during": silence.left.outcomes(),
        "since": silence.after.told(),
        "connections_opened_since": silence.opened,
        "workers_ended_by_the_server": silence.ended_workers,
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
    gate=GATE,
    evidence=EVIDENCE,
    causes=(
        "no `connect_timeout`: libpq waits for ever",
        "no limit to a statement on the client's side (`command_timeout`, a worker's `--timeout`)",
        "an unbounded wait for a connection of the pool (`pool_timeout`, `timeout=`)",
    ),
    role="database",
    run=run,
    seconds=13.0,
)
