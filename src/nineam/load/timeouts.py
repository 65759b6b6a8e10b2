"""How long a request may take: to connect, from byte to byte, and in all."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nineam.errors import nearest

TimeoutOption = float | Mapping[str, float] | Sequence[float]


class Timeouts(NamedTuple):
    """Limits in nanoseconds; 0 where there is none of its own. `read_ns` is the longest silence."""

    connect_ns: int = 0
    read_ns: int = 0
    total_ns: int = 0


KINDS = ("connect", "read", "total")
EXPECTED = "expected seconds, (connect, read[, total]), or a mapping with " + ", ".join(KINDS)
UNLIMITED = Timeouts()


def parse_timeouts(option: TimeoutOption | None, otherwise: Timeouts | None = None) -> Timeouts | None:
    """Read a `timeout=` in seconds; what it does not say stays as in `otherwise`. Raises `ValueError`."""
    if option is None:
        return otherwise
    if isinstance(option, Mapping):
        given = dict(option)
        for name in given:
            if name not in KINDS:
                near = nearest(str(name), KINDS)
                raise ValueError(
                    f"timeout: {name!r} is no kind of timeout{f', {near!r} is' if near else ''}; {EXPECTED}"
                )
    elif isinstance(option, Sequence) and not isinstance(option, str) and 2 <= len(option) <= 3:
        given = dict(zip(KINDS, option, strict=False))
    else:
        given = {"total": option}  # type: ignore[dict-item]  # looked at below
    changes = {f"{name}_ns": _nanoseconds(name, value) for name, value in given.items() if value is not None}
    return (otherwise or UNLIMITED)._replace(**changes)


def _nanoseconds(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError(f"timeout: {name} is {value!r}; {EXPECTED}")
    return round(value * 1e9)
