"""A transaction stays open while nothing is done in it.

## What it is

A request begins a transaction (the first statement of a session does), and before it commits it calls another
service, sends a mail, hashes a password or waits for something else. PostgreSQL says *idle in transaction*.

## Why it hurts

Rows that the transaction has written stay locked: whoever wants to write them waits until it ends. Its connection is
nobody else's meanwhile, and vacuum cannot take away what it might still see.

## How it is detected

Ten times a second the sessions of the application's PostgreSQL are looked at, over a connection of nineam's own, where
the database is on this machine and its URL is known. It fires when with one polite user, whom nobody makes wait, at
least three transactions with the same last statement did nothing for 100 ms at a stretch, and for half of the time that
they were open. One that works as long as it is open does not fire (see `slow-query`), nor does one of many quick
statements (see `n-plus-one`), one that only gets long under load, or one that was open before (somebody's forgotten
console).

## How to fix it

Commit first, then call; or call first, then begin. In Django keep slow things out of `atomic` (`on_commit` is made for
them) and mind `ATOMIC_REQUESTS`; in SQLAlchemy commit or leave the session before anything that waits.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.diagnose.statement_shapes import source_of
from nineam.model import Finding
from nineam.store.records import SeenTransaction, StoredPhase

CODE = "long-transaction"
TITLE = "A transaction stays open while nothing is done in it"
SMALLEST_MS = 100.0
IDLE_SHARE = 0.5
FEWEST = 3


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per last statement of such transactions."""
    grouped: dict[str, list[SeenTransaction]] = {}
    for seen in _begun_in(picture, picture.localhost):
        grouped.setdefault(seen.statement, []).append(seen)
    for statement, all_of_it in grouped.items():
        idle = [seen for seen in all_of_it if seen.idle_ms >= IDLE_SHARE * seen.ms]
        if len(idle) >= FEWEST:
            yield _finding(picture, statement, idle)


def _begun_in(picture: Picture, phase: StoredPhase | None) -> list[SeenTransaction]:
    """Transactions that stood idle for long, and both began and were seen last in a phase."""
    return [
        seen
        for seen in picture.run.transactions
        if phase
        and seen.idle_ms >= SMALLEST_MS
        and phase.begin_ns <= seen.at_ns - seen.ms * 1e6
        and seen.at_ns <= (phase.end_ns or 0)
    ]


def _finding(picture: Picture, statement: str, idle: list[SeenTransaction]) -> Finding:
    localhost = picture.localhost
    source = source_of(picture, localhost, statement)
    endpoint = source.endpoint if source else ""
    open_ms, ms = (sum(each) / len(idle) for each in zip(*((seen.ms, seen.idle_ms) for seen in idle), strict=True))
    blocked = max((seen.blocking for seen in picture.run.transactions if seen.statement == statement), default=0)
    return found(
        picture,
        localhost,
        endpoint,
        ms if endpoint else 0.0,
        code=CODE,
        title=f"a transaction stays open while nothing is done in it for {ms:.0f} ms",
        site=(source.site if source else "") or picture.source("endpoint", endpoint),
        statement=statement,
        evidence={
            "open_ms": round(open_ms, 1),
            "idle_ms": round(ms, 1),
            "seen": len(idle),
            "most_waiting_for_it": blocked,
        },
        fix="commit before what takes long, or begin after it; give the connection back meanwhile",
        confidence=0.9 if source else 0.7,
    )
