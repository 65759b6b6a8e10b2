"""What a run says while it goes on, for whoever shows it."""

from collections.abc import Callable

from nineam.model import Record


class Said(Record, frozen=True, kw_only=True):
    """Something happened that a person wants to know, in one line."""

    text: str


class PhaseBegan(Record, frozen=True, kw_only=True):
    """A phase of the run began."""

    kind: str
    stair: int
    users: int
    rate: float
    seconds: float


class Progress(Record, frozen=True, kw_only=True):
    """Half a second of the running phase, and the phase so far."""

    kind: str
    elapsed_s: float
    active_users: int
    rate: float
    p95_ms: float
    failed: int
    requests: int


class PhaseEnded(Record, frozen=True, kw_only=True):
    """A phase is over. `broke` says why its objective was missed; empty when it held."""

    kind: str
    stair: int
    rate: float
    users: int
    achieved_rate: float
    p95_ms: float
    failed_rate: float
    broke: str


Event = Said | PhaseBegan | Progress | PhaseEnded
Listener = Callable[[Event], None]
