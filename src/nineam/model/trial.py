"""What readiness trials came to: the document behind every output of `nineam trial`, schema `nineam/trial/1`."""

from typing import Any, Literal

from nineam.model.record import Record
from nineam.model.run import Git, Machine, Verdict

Result = Literal["pass", "fail", "inconclusive", "not-run", "not-applicable"]


class Second(Record, frozen=True, kw_only=True):
    """The requests that were to be sent in one second: how many, how many were answered well, their 95th percentile.

    `s` counts from the beginning of the first trouble; in milliseconds, a request without an end yet counts until now.
    """

    s: int
    requests: int
    ok: int
    p95_ms: float | None = None


class Course(Record, frozen=True, kw_only=True):
    """What became of ordinary requests, second by second, and from when to when there was trouble (in seconds)."""

    seconds: tuple[Second, ...]
    faults: tuple[tuple[float, float], ...] = ()


class Outcome(Record, frozen=True, kw_only=True):
    """What an attempt came to, or a trial as a whole.

    `value` was held against `threshold`, both in `unit`; `sentence` says it in words, for a trial without a value too.
    `recovery_s` are seconds from the healing until the application was as good as before; `recovered` is False when it
    was not within the time it was watched, None when there was nothing to recover from, or nobody watched for as long.
    `fault_proof` is what the fault touched, `generator_proof` what was sent. `course` is what became of ordinary
    requests, `left_out` what the trial could be about and was not.
    """

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
    course: Course | None = None
    left_out: tuple[str, ...] = ()


class TrialResult(Outcome, frozen=True, kw_only=True):
    """What one trial came to. A failure was seen in each of `attempts`; `course` is that of the one it tells of."""

    name: str
    title: str
    result: Result
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
