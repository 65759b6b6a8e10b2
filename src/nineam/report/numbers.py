"""How numbers are written in every report: at most three significant digits, and a dash for what is not known."""

import math

UNKNOWN = "-"
# beyond this nothing was measured: it is a mistake, and its digits would burst every table
LARGEST = 1e15


def is_known(value: float | None) -> bool:
    """Tell whether `value` is a number that can have been measured: finite and below `LARGEST`."""
    return value is not None and math.isfinite(value) and abs(value) < LARGEST


def short(value: float | None, digits: int = 3) -> str:
    """Return a plain number with at most `digits` significant digits, never in exponent form."""
    if value is None or not is_known(value):
        return UNKNOWN
    if value == 0:
        return "0"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, decimals):.{min(max(0, decimals), 9)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if text != "-0" else "0"


def count(value: float | None) -> str:
    """Return a count in full, with thousands separated."""
    return f"{value:,.0f}" if value is not None and is_known(value) else UNKNOWN


def milliseconds(value: float | None) -> str:
    """Return a duration given in milliseconds: ms below ten seconds, else s."""
    if value is None or not is_known(value):
        return UNKNOWN
    return f"{short(value)} ms" if abs(value) < 10_000 else f"{short(value / 1000)} s"


def seconds(value: float | None) -> str:
    """Return a duration given in seconds."""
    return f"{short(value)} s" if is_known(value) else UNKNOWN


def percent(share: float | None) -> str:
    """Return a share of one as a percentage; only an exact zero is 0% and only an exact one is 100%."""
    if share is None or not is_known(share):
        return UNKNOWN
    if 0 < share < 0.0001:
        return "<0.01%"
    if 0.999 < share < 1:
        return ">99.9%"
    return f"{short(share * 100, 3 if share >= 0.1 else 2)}%"


def times(ratio: float | None) -> str:
    """How many times slower."""
    if ratio is None or not is_known(ratio):
        return UNKNOWN
    return f"{short(ratio, 2) if ratio < 100 else short(ratio)}x"


def rate(value: float | None) -> str:
    """Return requests per second."""
    return f"{short(value)} req/s" if is_known(value) else UNKNOWN


def load(rate_per_second: float | None, users: float | None) -> str:
    """Return a load as a rate and the people who would make it, leaving out what is not known."""
    people = f"{short(users)} {'person' if users == 1 else 'people'}"
    if not rate_per_second:
        return people if users else UNKNOWN
    return f"{rate(rate_per_second)} ~ {people}" if users else rate(rate_per_second)


def interval(low: float, high: float | None, unit: str) -> str:
    """Two ends of something measured; an open end is said in words."""
    if high is None:
        return f"at least {short(low)} {unit}"
    return f"{short(low)} to {short(high)} {unit}" if short(low) != short(high) else f"{short(low)} {unit}"
