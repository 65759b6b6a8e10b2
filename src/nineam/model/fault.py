"""What the fault proxy is told about, and what it counts."""

from nineam.model.record import Record


class Upstream(Record, frozen=True, kw_only=True):
    """A dependency as the application knows it: `name` is ours. `listen` is the proxy's port, 0 for a free one."""

    name: str
    host: str
    port: int
    listen: int = 0


class FaultCount(Record, frozen=True, kw_only=True):
    """What one fault touched, from when it was applied until it was healed (or until now while it is `active`).

    `times` counts what it does: pieces it delayed, held or lost, connections it reset, attempts it left unanswered.
    """

    fault: str
    upstream: str
    active: bool
    connections: int = 0
    times: int = 0
    bytes: int = 0

    @property
    def touched(self) -> bool:
        """Whether there is any proof that the fault was met."""
        return self.times > 0


class UpstreamCount(Record, frozen=True, kw_only=True):
    """What went through to one dependency since the proxy started.

    A flight is everything one side says before the other side says something: `flights_up` are turns of the
    application, which makes them round trips. `unreachable` connections found that nobody listens at the dependency.
    """

    upstream: str
    connections: int = 0
    living: int = 0
    unreachable: int = 0
    flights_up: int = 0
    flights_down: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    faults: tuple[FaultCount, ...] = ()

    def fault(self, name: str) -> FaultCount | None:
        """Give the latest count of a fault; None when it was never applied."""
        return next((each for each in reversed(self.faults) if each.fault == name), None)
