"""The cases: every fault at two intensities in every stack, healthy applications, two faults at once, red herrings."""

from typing import NamedTuple

from benchmarks.sins.apps.switch import INTENSITIES
from benchmarks.sins.faults import FAULTS
from benchmarks.sins.stacks import STACKS, Stack

HEALTHY_REPEATS = 3
DUAL = (("n-plus-one", "slow-dependency"), ("slow-query", "slow-template"), ("password-hash", "n-plus-one-http"))


class Case(NamedTuple):
    """A stack with some faults, each with its intensity."""

    stack: Stack
    faults: tuple[tuple[str, int], ...]
    repeat: int = 0

    @property
    def switch(self) -> str:
        """What the application is told."""
        return ",".join(f"{name}:{intensity}" for name, intensity in self.faults)

    @property
    def name(self) -> str:
        """What files of it are called."""
        parts = [f"{name}-{intensity}" for name, intensity in self.faults] or [f"healthy-{self.repeat}"]
        return "_".join((self.stack.name, *parts))


def _cases() -> tuple[Case, ...]:
    made = []
    for stack in STACKS:
        made += [Case(stack, (), repeat) for repeat in range(HEALTHY_REPEATS)]
        for fault in FAULTS:
            if fault.name not in stack.lacks:
                made += [Case(stack, ((fault.name, intensity),)) for intensity in INTENSITIES]
        made += [Case(stack, tuple((name, 2) for name in pair)) for pair in DUAL]
    return tuple(made)


CASES = _cases()
