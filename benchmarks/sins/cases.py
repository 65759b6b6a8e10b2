"""The cases: every fault at two intensities in every stack, healthy applications, two faults at once, red herrings."""

from typing import NamedTuple

from benchmarks.sins.apps.switch import INTENSITIES
from benchmarks.sins.faults import FAULTS
from benchmarks.sins.stacks import STACKS, Stack

HEALTHY_REPEATS = 3
HERRINGS = ("gc", "pool", "cron")
"""Full collections twice a second; a pool of which half is taken for good, without anybody waiting; another program."""
TRUE = "slow-query"
"""What is really wrong beside a red herring."""
DUAL = (("n-plus-one", "slow-dependency"), ("slow-query", "slow-template"), ("password-hash", "n-plus-one-http"))


class Case(NamedTuple):
    """A stack with some faults, each with its intensity; `herring` is something that looks bad and is not."""

    stack: Stack
    faults: tuple[tuple[str, int], ...]
    repeat: int = 0
    herring: str = ""

    @property
    def switch(self) -> str:
        """What the application is told."""
        herring = [f"herring-{self.herring}:1"] if self.herring else []
        return ",".join([*herring, *(f"{name}:{intensity}" for name, intensity in self.faults)])

    @property
    def name(self) -> str:
        """What files of it are called."""
        parts = [f"{name}-{intensity}" for name, intensity in self.faults] or [f"healthy-{self.repeat}"]
        return "_".join((self.stack.name, *parts, *([f"beside-{self.herring}"] if self.herring else [])))


def _cases() -> tuple[Case, ...]:
    """Healthy applications first, then what is strongest: a bench that is cut short has said most."""
    made = [Case(stack, (), repeat) for repeat in range(HEALTHY_REPEATS) for stack in STACKS]
    made += [Case(stack, ((fault.name, max(INTENSITIES)),)) for fault in FAULTS for stack in STACKS]
    made += [Case(stack, tuple((name, 2) for name in pair)) for pair in DUAL for stack in STACKS]
    made += [Case(stack, ((TRUE, 2),), herring=herring) for herring in HERRINGS for stack in STACKS]
    lesser = sorted(set(INTENSITIES) - {max(INTENSITIES)}, reverse=True)
    made += [Case(stack, ((fault.name, each),)) for each in lesser for fault in FAULTS for stack in STACKS]
    return tuple(made)


CASES = _cases()
