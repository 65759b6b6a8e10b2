"""What looks at a database's sessions say: counts at an instant, whole transactions once they are over, who blocks."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nineam.agent.integrations.statements import normalise

LONG_MS = 100.0
"""Transactions that were never seen to last so long are counted, and not kept."""
LONGEST_TEXT = 1000
CUT_OFF = re.compile(r"'|\$\w*\$|/\*")
"""What is left of these in a text without literals begins one whose end the database has cut off."""
ESCAPED_AND_CUT_OFF = re.compile(r"(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*\\?\Z", re.DOTALL)
"""One with escapes would end too early as one without."""


class Session(NamedTuple):
    """One session at one instant.

    `began` is its transaction's own instant, `ms` how old that is, both 0 outside of one; `idle_ms` is for how long it
    has done nothing in it. `waits` is the kind of event it waits for, `blockers` hold what it waits for.
    """

    pid: int
    state: str
    waits: str
    began: float
    ms: float
    idle_ms: float
    statement: str
    blockers: tuple[int, ...]


class SeenTransaction:
    """A transaction, look by look.

    `idle_ms` is the longest that it was seen to do nothing, at a stretch; `statement` is what it did before that.
    """

    __slots__ = ("at_ns", "blocking", "idle_ms", "looks", "ms", "statement", "waiting")

    def __init__(self) -> None:
        self.at_ns = self.looks = self.waiting = self.blocking = 0
        self.ms = self.idle_ms = 0.0
        self.statement = ""

    def add(self, at_ns: int, session: Session, blocking: int) -> None:
        """Add a look, at which so many sessions waited for this one."""
        if session.idle_ms > self.idle_ms or not self.idle_ms:
            self.statement, self.idle_ms = session.statement, session.idle_ms
        self.at_ns, self.ms = at_ns, session.ms
        self.looks += 1
        self.waiting += session.waits == "Lock"
        self.blocking = max(self.blocking, blocking)


class Transactions:
    """Follows transactions from look to look."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, float], SeenTransaction] = {}

    def look(self, at_ns: int, sessions: Iterable[Session]) -> list[SeenTransaction]:
        """Take a look; returns the long transactions that have ended since the last one."""
        sessions = tuple(sessions)
        blocking = Counter(pid for session in sessions for pid in session.blockers)
        before, self._open = self._open, {}
        for session in sessions:
            if session.began:
                key = (session.pid, session.began)
                seen = self._open[key] = before.pop(key) if key in before else SeenTransaction()
                seen.add(at_ns, session, blocking[session.pid])
        return _long(before.values())

    def rest(self) -> list[SeenTransaction]:
        """Return the long ones that were still going on at the last look."""
        return _long(self._open.values())


def _long(seen: Iterable[SeenTransaction]) -> list[SeenTransaction]:
    return [each for each in seen if each.ms >= LONG_MS]


def counts(sessions: Sequence[Session]) -> dict[str, float]:
    """Count sessions by state, and active ones by what they wait for; waiting for the application is not meant."""
    found = Counter(f"db.{session.state.partition(' (')[0].replace(' ', '_')}" for session in sessions if session.state)
    waiting = (session.waits.lower() for session in sessions if session.state == "active")
    found.update(f"db.wait_{kind}" for kind in waiting if kind not in ("", "client"))
    found.update({"db.sessions": len(sessions), "db.blocked": sum(bool(session.blockers) for session in sessions)})
    return {**found, "db.oldest_transaction_ms": max((round(session.ms, 1) for session in sessions), default=0.0)}


class Blocked(NamedTuple):
    """Sessions that wait, at one instant, for a lock that another holds: statements, and what the holder is doing."""

    waiting: str
    holding: str
    state: str
    sessions: int
    longest_ms: float


def blocked(sessions: Iterable[Session]) -> list[Blocked]:
    """Say who waits for whom, statement by statement; the age is that of the transaction that waits."""
    by_pid = {session.pid: session for session in sessions}
    ages: dict[tuple[str, str, str], list[float]] = {}
    for session in by_pid.values():
        for holder in (by_pid[pid] for pid in session.blockers if pid in by_pid):
            ages.setdefault((session.statement, holder.statement, holder.state), []).append(session.ms)
    return [Blocked(*key, len(each), max(each)) for key, each in ages.items()]


def shape(text: str) -> str:
    """Return a statement without its literals, also without one whose end has been cut off."""
    normal = str(normalise(ESCAPED_AND_CUT_OFF.sub("'", text[:LONGEST_TEXT])))  # type: ignore[no-untyped-call]
    rest = CUT_OFF.search(normal)
    return normal if rest is None else f"{normal[: rest.start()]}?"
