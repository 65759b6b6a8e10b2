"""Attempts to connect to the database get no answer at all."""

import sys

from nineam.model.trial import Dependency
from nineam.trials.advice import no_connect_timeout
from nineam.trials.aftermath import queued_behind
from nineam.trials.lab import Lab, Session
from nineam.trials.queue_advice import behind_each_other
from nineam.trials.servers import limit_words
from nineam.trials.trial import Measured, NotRunError, Trial
from nineam.trials.window import Window

MOST_S = 5.0
RATE = 2.0
SEND_S = 2.0


async def run(lab: Lab, database: Dependency | None) -> Measured:
    """Reset what is connected, swallow every attempt to connect, and look how long requests take to fail."""
    assert database is not None
    if not sys.platform.startswith("linux"):
        raise NotRunError("attempts to connect can be swallowed on Linux only; run it in a container")
    names = lab.touching(database)
    async with lab.session(patience_s=2 * MOST_S) as session:
        control = await session.control(rate=RATE, names=names)
        async with (
            session.fault(database, "connect_blackhole") as meeting,
            session.fault(database, "reset_peer", timeout=0),
        ):
            await session.wait(SEND_S)
            session.player.rate = 0.0
            await session.wait(MOST_S + 0.5)
            during = session.player.between(meeting.began, meeting.began + SEND_S)
            line = _line(session, meeting.began, during.now)
        worst_s = during.quantile_ms(1.0) / 1000
        waits = sum(each.ms(during.now) > MOST_S * 1000 for each in during.samples)
        unanswered = sum(not each.status for each in during.samples if each.ms(during.now) > MOST_S * 1000)
        killed = session.ended_workers()
        limit = f"; {limit_words(lab.server, killed)}" if killed else ""
        own_s = None if killed else queued_behind(line, MOST_S)
        cause, fix = _blame(lab, database, during, own_s, killed)
        return Measured(
            holds=waits == 0,
            sentence=_sentence(during, waits, unanswered, own_s) + limit,
            value=round(worst_s, 2),
            threshold=MOST_S,
            unit="s and more without an answer" if unanswered else "s until the slowest answer",
            fault_proof=meeting.proof(),
            generator_proof=session.proof(),
            evidence={"control_success": round(control.success, 3), "during": during.outcomes()}
            | {"without_an_answer": unanswered, "workers_ended_by_the_server": killed}
            | ({} if own_s is None else {"one_request_alone_s": round(own_s, 2)}),
            cause=cause,
            fix=fix,
        )


def _line(session: Session, began: float, now: float) -> Window:
    """Choose all requests that may wait for each other: those under way when it began stand in front."""
    known = session.player.between(0.0, began + SEND_S).samples
    return Window(tuple(each for each in known if each.end is None or each.end > began), now)


def _blame(lab: Lab, database: Dependency, during: Window, own_s: float | None, killed: int) -> tuple[str, str]:
    """Tell a wait behind others, each of which gives up after `own_s`, from an attempt that does not give up."""
    facts = lab.facts(database)
    if own_s is None:
        return no_connect_timeout(facts, lab.server, killed)
    return behind_each_other(facts, lab.server, own_s, during.requests, MOST_S)


def _sentence(during: Window, waits: int, unanswered: int, own_s: float | None) -> str:
    slowest_s = during.quantile_ms(1.0) / 1000
    if not waits:
        return f"every request failed (or was served) within {slowest_s:.1f} s"
    sentence = f"{waits} of {during.requests} requests waited longer than {MOST_S:g} s for a connection"
    if own_s is not None:
        return f"{sentence}, the slowest {slowest_s:.2f} s: each takes {own_s:.1f} s, one behind the other"
    if unanswered:
        return f"{sentence}, and {unanswered} had no answer at all, the first of them for more than {slowest_s:.1f} s"
    return f"{sentence}, the slowest {slowest_s:.1f} s"


TRIAL = Trial(
    name="connect-blackhole",
    title="Attempts to connect to the database get no answer",
    what="Living connections are reset, and packets that would open new ones vanish: a firewall, a host that is gone.",
    why="A refused connection fails at once, a swallowed one after two minutes or never. Meanwhile it holds a worker.",
    inject="A packet filter on the proxy's own listening socket drops what arrives there (Linux, no privileges).",
    measure="Seconds until requests that need the database are answered, with whatever status.",
    gate=f"Every one within {MOST_S:g} s.",
    evidence="What requests got; who connects, at which line, and whether with a timeout; how "
    "long one request took alone, where the others only waited behind it.",
    causes=(
        "`connect_timeout` is not set: libpq has none",
        "several attempts, each with the whole timeout",
        "a wait for the pool of 30 s in front of it (`pool_timeout`)",
        "too few workers or threads: each waits for its own attempt, and everybody else behind it",
    ),
    role="database",
    run=run,
)
