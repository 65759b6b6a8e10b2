"""What readiness trials came to: the document behind every output of `nineam trial`, schema `nineam/trial/1`."""

from typing import Any, Literal

from nineam.model.record import Record
from nineam.model.run import Git, Machine, Verdict

Result = Literal["pass", "fail", "inconclusive", "not-run", "not-applicable"]


class TrialResult(Record, frozen=True, kw_only=True):
    """What one trial came to.

    `value` was held against `threshold`, both in `unit`; `sentence` says it in words, for a trial without a value too.
    `recovery_s` are seconds from the healing until the application was as good as before; `recovered` is False when it
    was not within the time it was watched, None when there was nothing to recover from. `fault_proof` is what the fault
    touched, `generator_proof` what was sent. A failure was seen in each of `attempts`.
    """

    name: str
    title: str
    result: Result
    sentence: str
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    recovery_s: float | None = None
    recovered: bool | None = None
    fault_proof: dict[str, Any] = {}
    generator_proof: dict[str, Any] = {}
    evidence: dict[str, Any] = {}
    cause: str = ""
    fix: str = ""
    attempts: int = 0
    seconds: float = 0.0


class Dependency(Record, frozen=True, kw_only=True):
    """Something the application talks to over TCP. `sources` say how it became known: variables, or a connection.

    `role` is what it is for (database, cache, http, broker, other), `kind` what it speaks. The host of a `pinned` one
    is verified by whoever connects, so addresses that name it are left as they are.
    """

    name: str
    role: str
    kind: str
    host: str
    port: int
    sources: tuple[str, ...] = ()
    pinned: bool = False


class TrialDocument(Record, frozen=True, kw_only=True):
    """A whole `nineam trial`. `rate` is the ordinary load, `knee` what the application carried at most (per second).

    `touches` has for each endpoint the round trips to each dependency, by name, of one request.
    """

    schema: str = "nineam/trial/1"
    started: str
    seconds: float
    git: Git | None = None
    machine: Machine
    target: dict[str, str]
    verdict: Verdict
    trials: tuple[TrialResult, ...]
    not_tested: tuple[str, ...]
    dependencies: tuple[Dependency, ...] = ()
    endpoints: tuple[str, ...] = ()
    touches: dict[str, dict[str, float]] = {}
    rate: float = 0.0
    knee: float = 0.0
    notices: tuple[str, ...] = ()
    interrupted: bool = False
