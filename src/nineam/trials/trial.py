"""What a trial is: a record that says what it does and why, and a function that does it."""

import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from nineam.model.record import Record
from nineam.model.trial import Dependency, Outcome

if TYPE_CHECKING:
    from nineam.trials.lab import Lab


class Pace(Record, frozen=True, kw_only=True):
    """How long things take, in seconds: the calm before, the fault, how long recovery is awaited.

    Recovered is who is as good as before for `width_s`. Clients give up after `patience_s`.
    """

    control_s: float = 2.0
    fault_s: float = 4.0
    watch_s: float = 10.0
    width_s: float = 1.5
    patience_s: float = 10.0


class Measured(Outcome, frozen=True, kw_only=True):
    """What one attempt came to. `holds` is whether the gate holds, None when nobody can tell.

    `twice` is whether the attempt itself has seen its failure twice, by ways that do not depend on each other.
    """

    holds: bool | None
    twice: bool = False

    @property
    def beyond(self) -> float:
        """How many times beyond its gate the value is, infinite where something never came: chance goes less far."""
        if self.value is None or self.threshold is None:
            return math.inf
        if not self.threshold:
            return 1.0 + abs(self.value)
        ratio = self.value / self.threshold
        return max(ratio, 1 / ratio) if ratio > 0 else math.inf


class NotApplicableError(Exception):
    """The application has nothing that the trial could be about; the text says what is missing."""


class NotRunError(Exception):
    """The trial could not be made; its text says why, and what to do."""


Run = Callable[["Lab", Dependency | None], Awaitable[Measured]]


class Trial(Record, frozen=True, kw_only=True):
    """One trial. `role` is the kind of dependency that it needs, empty for none, `any` for one of whatever kind.

    `usual` ones run when nobody chooses; `seconds` is about what a passing attempt takes.
    """

    name: str
    title: str
    what: str
    why: str
    inject: str
    measure: str
    gate: str
    evidence: str
    causes: tuple[str, ...]
    role: str
    run: Run
    usual: bool = True
    seconds: float = 12.0
