"""What hostile requests came to: the document behind every output of `nineam payloads`, schema `nineam/payloads/1`."""

import msgspec

from nineam.model.payload import Payload
from nineam.model.record import Record
from nineam.model.run import Verdict

MORE_FAILED = 0.01


class Beside(Record, frozen=True, kw_only=True):
    """What came of ordinary requests without and with hostile ones beside them; times are milliseconds.

    `died` is whether a process of the application ended meanwhile.
    """

    rate: float
    share: float
    requests: int
    hostile: int
    p95_ms_without: float
    p95_ms_with: float
    failed_without: float
    failed_with: float
    trustworthy: bool
    died: bool = False

    @property
    def harmed(self) -> bool:
        """Whether a process died, or more than one in a hundred ordinary requests failed that would not without."""
        return self.died or self.failed_with > self.failed_without + MORE_FAILED


class Broken(Record, frozen=True, kw_only=True):
    """One way to break the application. `payload` is the first request of the set that did, by its number.

    `requests` of the set broke it in this way; alone it `reproduced` so often, out of `tries`. `smallest` is the
    smallest request that still does, `curl` the same as a line for a shell, `test` the name of its test. `reduced` is
    whether nothing more can be left out of it.
    """

    endpoint: str
    what: str
    part: str
    origin: str
    payload: str
    status: int
    answer: str
    died: bool
    requests: int
    reproduced: int
    tries: int
    under_load: bool
    reduced: bool
    exception: str
    where: str
    function: str
    smallest: Payload
    curl: str
    test: str


class Wavering(Record, frozen=True, kw_only=True):
    """A request that failed, and did not when it was sent again, alone."""

    endpoint: str
    what: str
    answer: str
    under_load: bool = False


class PayloadsDocument(Record, frozen=True, kw_only=True):
    """A whole `nineam payloads`. `file` is where the set is frozen, `origins` how many requests who made.

    `broken_anyhow` are endpoints whose ordinary request fails too, `refused` the statuses of those where it is refused.
    """

    schema: str = "nineam/payloads/1"
    verdict: Verdict
    base_url: str
    seed: int
    file: str = msgspec.field(default="", name="set")
    endpoints: tuple[str, ...] = ()
    origins: dict[str, int] = {}
    sent: int = 0
    failed: int = 0
    failures: tuple[Broken, ...] = ()
    unsteady: tuple[Wavering, ...] = ()
    beside_load: Beside | None = None
    broken_anyhow: tuple[str, ...] = ()
    refused: dict[str, int] = {}
    not_sent: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    started: str = ""
    seconds: float = 0.0
    command: str = ""
