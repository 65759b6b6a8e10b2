"""What a fault is: a record of its parameters, and what it does to a dependency and to each connection."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec

from nineam.faults.way import Stage, Way
from nineam.model.record import Record

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link

MS = 1_000_000
"""Nanoseconds."""
LONGEST_MS = 86_400_000
MOST_BYTES = 2**40

Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=LONGEST_MS)]
Bytes = Annotated[int, msgspec.Meta(ge=0, le=MOST_BYTES)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Stream = Literal["upstream", "downstream", "both"]
"""`downstream` is what the dependency says, as Toxiproxy has it."""


class Fault(Record, frozen=True, kw_only=True):
    """Base of all faults. Subclasses repeat both options, say their `NAME`, and do what is needed of the four."""

    NAME: ClassVar[str] = ""

    @classmethod
    def name(cls) -> str:
        """Return what it is called."""
        return cls.NAME

    def begin(self, injection: "Injection") -> None:
        """Do something to the dependency as a whole."""

    def end(self, injection: "Injection") -> None:
        """Undo that."""

    def meet(self, injection: "Injection", link: "Link") -> Sequence[Stage]:  # noqa: ARG002 - subclasses need them
        """Give the stages that a connection's data pass from now on."""
        return ()

    def part(self, injection: "Injection", link: "Link") -> None:
        """Do something to a connection before its stages are taken out."""

    def look(self, injection: "Injection") -> None:
        """Count what can only be counted by looking."""


class PartialFault(Fault, frozen=True, kw_only=True):
    """A fault of some connections: `toxicity` is their share, drawn once for each."""

    toxicity: Share = 1.0

    def meet(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Draw whether this connection is among them."""
        return self.stages(injection, link) if injection.choice.random() < self.toxicity else ()

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:  # noqa: ARG002 - for those below
        """Give the stages of a connection that is; none here."""
        return ()


class DirectedFault(PartialFault, frozen=True, kw_only=True):
    """A fault of one direction, or of both."""

    stream: Stream = "downstream"

    def ways(self, link: "Link") -> list[Way]:
        """Give the directions it is for."""
        return [way for way in (link.up, link.down) if self.stream in ("both", way.direction)]
