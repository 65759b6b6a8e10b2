"""What came of a set of payloads: frozen records, the same for a terminal, a file and a trial."""

from nineam.model import Payload, Record
from nineam.payloads.asking import Answer


class Trace(Record, frozen=True, kw_only=True):
    """What the application printed about it: the exception, and `where`.

    That is the last line of the application's own code, or where it was raised when none of that was part of it.
    """

    exception: str = ""
    where: str = ""
    function: str = ""


class Failure(Record, frozen=True, kw_only=True):
    """One way to break the application: the `payload` that did, and the `smallest` request that still does.

    `requests` of the set broke it in this way, `reproduced` says how often it happened again when sent alone, out of
    `tries`. `died` is whether a process of the application was lost with it. `reduced` is whether nothing more can
    be left out; otherwise there was no time.
    """

    payload: Payload
    answer: Answer
    smallest: Payload
    requests: int = 1
    reproduced: int = 0
    tries: int = 0
    died: bool = False
    reduced: bool = False
    under_load: bool = False
    trace: Trace = Trace()


class Unsteady(Record, frozen=True, kw_only=True):
    """A request that failed and did not when it was sent again, alone."""

    payload: Payload
    answer: Answer
    under_load: bool = False


class Found(Record, frozen=True, kw_only=True):
    """What came of all of it. `sent` of the set were sent, `suspects` (ids) failed; `left_out` says what was not sent.

    `broken_anyhow` are endpoints whose ordinary request fails as well: nothing can be said about them. `refused` are
    those whose ordinary request is answered with a status from 400 on, `asked` is of how many endpoints there was one.
    `turned_away` of those sent were answered with 429.
    """

    sent: int = 0
    suspects: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    unsteady: tuple[Unsteady, ...] = ()
    left_out: tuple[str, ...] = ()
    broken_anyhow: tuple[str, ...] = ()
    refused: dict[str, int] = {}
    asked: int = 0
    turned_away: int = 0

    @property
    def was_limited(self) -> bool:
        """Whether most of them met a limit of requests (status 429) instead of the application."""
        return 2 * self.turned_away > self.sent

    @property
    def got_nowhere(self) -> bool:
        """Whether every ordinary request was refused: then hostile ones did not get far either."""
        return 0 < self.asked == len(self.refused)
