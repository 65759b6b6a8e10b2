"""What the live view knows: events folded into one state."""

import msgspec

from nineam.model import Record
from nineam.monday.events import Event, PhaseBegan, PhaseEnded, Progress, Said
from nineam.visible import visible

NAMES = {"warmup": "warming up", "localhost": "localhost", "monday": "Monday", "after": "after", "observer": "own cost"}
KEPT = 40


class LiveState(Record, frozen=True, kw_only=True):
    """The view's whole world; a new one for every event."""

    phase: PhaseBegan | None = None
    progress: Progress | None = None
    p95s: tuple[float, ...] = ()
    ended: tuple[PhaseEnded, ...] = ()
    said: tuple[str, ...] = ()


def fold(state: LiveState, event: Event) -> LiveState:
    """Take one event in."""
    replace = msgspec.structs.replace
    if isinstance(event, PhaseBegan):
        return replace(state, phase=event, progress=None)
    if isinstance(event, Progress):
        return replace(state, progress=event, p95s=(*state.p95s, event.p95_ms)[-KEPT:])
    if isinstance(event, PhaseEnded):
        return replace(state, ended=(*state.ended, event))
    return replace(state, said=(*state.said, visible(event.text))[-3:]) if isinstance(event, Said) else state


def load_of(users: int, rate: float) -> str:
    """Spell a load."""
    return f"{rate:g} req/s" if rate else f"{users} user{'s' if users != 1 else ''}"


def line(event: Event) -> str:
    """Spell an event as a plain line, for logs; empty for those that a log does not need."""
    if isinstance(event, Said):
        return visible(event.text)
    if isinstance(event, PhaseEnded) and event.kind not in ("warmup", "observer"):
        outcome = f"broke: {visible(event.broke)}" if event.broke else "held"
        load = load_of(event.users, event.rate) if event.kind == "monday" else "one polite user"
        failed = f", {event.failed_rate:.1%} failed" if event.failed_rate else ""
        note = f"  {outcome}" if event.kind == "monday" else ""
        name = NAMES.get(event.kind, event.kind)
        return f"{name:<10} {load:<14} p95 {event.p95_ms:7.0f} ms  {event.achieved_rate:7.1f}/s{failed}{note}"
    return ""
