"""What a run says while it goes on, for whoever shows it."""

from collections.abc import Callable

from nineam.model import LoadEvent, Record


class Said(Record, frozen=True, kw_only=True):
    """Something happened that a person wants to know, in one line."""

    text: str


class PhaseBegan(Record, frozen=True, kw_only=True):
    """A phase of the run began.

    `words` say what an explicit plan is, `at_most` that it may be over sooner; `unit` is what arrives at the rate.
    """

    kind: str
    stair: int
    users: int
    rate: float
    seconds: float
    words: str = ""
    at_most: bool = False
    unit: str = "req"


class Progress(Record, frozen=True, kw_only=True):
    """Half a second of the running phase, and the phase so far."""

    kind: str
    elapsed_s: float
    active_users: int
    rate: float
    p95_ms: float
    failed: int
    requests: int


class Counted(Record, frozen=True, kw_only=True):
    """What the load process counted in half a second of the running phase, whole."""

    event: LoadEvent


class PhaseEnded(Record, frozen=True, kw_only=True):
    """A phase is over. `broke` says why its objective was missed; empty when it held, `exempt` endpoints left aside."""

    kind: str
    stair: int
    rate: float
    users: int
    achieved_rate: float
    p95_ms: float
    failed_rate: float
    broke: str
    words: str = ""
    unit: str = "req"
    exempt: tuple[str, ...] = ()


Event = Said | PhaseBegan | Progress | Counted | PhaseEnded
Listener = Callable[[Event], None]
