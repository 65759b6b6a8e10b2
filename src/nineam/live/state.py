"""What the live view knows: events folded into one state."""

import msgspec

from nineam.endpoints import not_counting
from nineam.model import Record
from nineam.monday.events import Event, PhaseBegan, PhaseEnded, Progress, Said
from nineam.visible import visible

NAMES = {
    "warmup": "warming up",
    "localhost": "localhost",
    "monday": "Monday",
    "after": "after",
    "capacity": "capacity",
    "proof": "who is to blame",
    "observer": "own cost",
    "grown-warmup": "warming up",
    "grown": "with data",
    "grown-monday": "Monday, data",
}
LOADED = ("monday", "proof", "capacity", "grown-monday")
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


def load_of(users: int, rate: float, unit: str = "req") -> str:
    """Spell a load; `unit` is what arrives at the rate."""
    return f"{rate:g} {unit}/s" if rate else f"{users} user{'s' if users != 1 else ''}"


def load_in_words(event: PhaseBegan | PhaseEnded) -> str:
    """Spell the load of a phase."""
    if event.kind not in LOADED:
        return "one polite user"
    return "as planned" if event.words else load_of(event.users, event.rate, event.unit)


def plan_in_words(event: PhaseBegan | None) -> str:
    """Say what the running phase is when somebody planned it; empty otherwise."""
    return f"{'plan':<10} {visible(event.words)}" if event is not None and event.words else ""


def time_left(phase: PhaseBegan, elapsed_s: float) -> str:
    """Spell how long a phase goes on."""
    left = max(0.0, phase.seconds - elapsed_s)
    return f"{elapsed_s:3.0f} s, at most {phase.seconds:.0f} s" if phase.at_most else f"{left:3.0f} s left"


def line(event: Event) -> str:
    """Spell an event as a plain line, for logs; empty for those that a log does not need."""
    if isinstance(event, Said):
        return visible(event.text)
    if isinstance(event, PhaseBegan):
        return plan_in_words(event)
    if isinstance(event, PhaseEnded) and event.kind not in ("warmup", "observer", "grown-warmup"):
        held = f"held{visible(not_counting(event.exempt))}"
        outcome = f"broke: {visible(event.broke)}" if event.broke else held
        load = load_in_words(event)
        failed = f", {event.failed_rate:.1%} failed" if event.failed_rate else ""
        note = f"  {outcome}" if event.kind in LOADED else ""
        name = NAMES.get(event.kind, event.kind)
        return f"{name:<10} {load:<15} p95 {event.p95_ms:7.0f} ms  {event.achieved_rate:7.1f}/s{failed}{note}"
    return ""
