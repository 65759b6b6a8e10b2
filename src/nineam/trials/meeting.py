"""What a fault touched, and whether the application recovered from it."""

from dataclasses import dataclass
from typing import Any

from nineam.model.fault import FaultCount


@dataclass
class Meeting:
    """A fault from when it was applied until it was healed, and what it touched.

    `kept_away` are requests that need the dependency, made while nothing at all reached it: who is refused by the
    system is seen by no proxy.
    """

    began: float
    ended: float = 0.0
    count: FaultCount | None = None
    kept_away: int = 0

    def proof(self) -> dict[str, Any]:
        """Say what it touched."""
        if self.count is None:
            return {}
        return {
            "fault": self.count.fault,
            "upstream": self.count.upstream,
            "times": self.count.times,
            "connections": self.count.connections,
            "kept_away": self.kept_away,
            "seconds": round(self.ended - self.began, 2),
        }


@dataclass(frozen=True)
class Recovery:
    """Whether the application was as good as before, after how many seconds; if not, for how long it was watched."""

    recovered: bool
    seconds: float | None
    watched_s: float = 0.0
    cut_short: bool = False

    @property
    def told(self) -> bool | None:
        """Whether it recovered; None when it was not watched for as long as that may take."""
        return None if self.cut_short else self.recovered
