"""A fault from its name and its parameters, as a user may have written them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from nineam.errors import UsageError, nearest
from nineam.faults.fault import Fault
from nineam.faults.kinds import FAULTS

BY_NAME: dict[str, type[Fault]] = {kind.NAME: kind for kind in FAULTS}


def fault_of(name: str, parameters: Mapping[str, Any]) -> Fault:
    """Make a fault. Raises UsageError for a fault or parameter that does not exist, and for a value out of range."""
    kind = kind_of(name)
    known = kind.__struct_fields__
    for parameter in parameters:
        if parameter not in known:
            close = nearest(parameter, known)
            raise UsageError(
                f"fault {name}: there is no parameter {parameter!r}" + (f", did you mean {close}?" if close else ""),
                hint=f"its parameters are {', '.join(known)}" if known else "it has no parameters",
            )
    try:
        return msgspec.convert(dict(parameters), kind)
    except msgspec.ValidationError as problem:
        raise UsageError(f"fault {name}: {problem}", hint="see docs/faults.md for what it takes") from None


def kind_of(name: str) -> type[Fault]:
    """Find a kind of fault. Raises UsageError when there is none of that name."""
    if name not in BY_NAME:
        close = nearest(name, BY_NAME)
        raise UsageError(
            f"there is no fault {name!r}" + (f", did you mean {close}?" if close else ""),
            hint=f"the faults are {', '.join(BY_NAME)}",
        )
    return BY_NAME[name]
