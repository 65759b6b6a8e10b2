"""Numbers as k6 writes them: cut, never rounded up, so that 99.999% is not 100%."""

import math

from nineam.report.numbers import UNKNOWN, is_known


def duration(milliseconds: float | None) -> str:
    """Return a duration given in ms with k6's units: ns, µs, ms, s, then minutes and hours without decimals."""
    if milliseconds is None or not is_known(milliseconds):
        return UNKNOWN
    if milliseconds == 0:
        return "0s"
    if abs(milliseconds) >= 60_000:
        return _minutes(milliseconds)
    for unit, scale in (("s", 1000.0), ("ms", 1.0), ("µs", 1e-3)):
        if abs(milliseconds) >= scale:
            return _cut(milliseconds / scale, 2) + unit
    return _cut(milliseconds / 1e-6, 2) + "ns"


def data(size: float | None) -> str:
    """Return a size in bytes, base 1000, one decimal below ten."""
    if size is None or not is_known(size):
        return UNKNOWN
    if size < 10:
        return f"{_cut(size, 0)} B"
    units = ("B", "kB", "MB", "GB", "TB", "PB")
    power = min(int(math.log10(size) // 3), len(units) - 1)
    scaled = math.floor(size / 1000**power * 10 + 0.5) / 10
    return f"{scaled:.1f} {units[power]}" if scaled < 10 and power else f"{scaled:.0f} {units[power]}"


def number(value: float | None) -> str:
    """Return a number with up to six decimals and no trailing zeros."""
    return _cut(value, 6) if value is not None and is_known(value) else UNKNOWN


def percentage(share: float | None, decimals: int = 2) -> str:
    """Return a share of one as a percentage, cut to `decimals`."""
    if share is None or not is_known(share):
        return UNKNOWN
    scale = 10**decimals
    return f"{math.floor(round(share * 100 * scale, 6)) / scale:.{decimals}f}%"


def of_kind(value: float | None, contains: str) -> str:
    """Return a metric's value with the unit of what it contains: `time` (ms), `data` (bytes) or `default`."""
    return {"time": duration, "data": data}.get(contains, number)(value)


def _minutes(milliseconds: float) -> str:
    total = int(milliseconds / 1000)
    hours, minutes, seconds = total // 3600, total % 3600 // 60, total % 60
    return f"{hours}h{minutes}m{seconds}s" if hours else f"{minutes}m{seconds}s"


def _cut(value: float, decimals: int) -> str:
    scale = 10**decimals
    text = f"{math.trunc(round(value * scale, 3)) / scale:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
