"""Timestamps as logs and recordings write them, in nanoseconds since 1970 (UTC)."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

SECOND = 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# 10/Oct/2000:13:55:36.123 -0700, as the common log format has it; development servers put a blank before the time
COMMON = re.compile(
    r"(\d{1,2})/([A-Za-z]{3})/(\d{4})[: ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)
NUMBER = re.compile(r"\d{1,20}(\.\d*)?", re.ASCII)
# below so much a number counts seconds, milliseconds, microseconds, else nanoseconds: until the year 5138, and from
# 1973 on, since a small number is rather how long something took
EARLIEST_S = 10**8
SCALES = ((10**11, 1.0), (10**14, 1e-3), (10**17, 1e-6), (10**20, 1e-9))
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Moment(NamedTuple):
    """An instant; `coarse` when only the second is known."""

    ns: int
    coarse: bool = False


def moment(written: object) -> Moment:
    """Understand a timestamp: ISO 8601, the common log format, or a number of seconds, ms, us or ns since 1970.

    Without a time zone it is taken for UTC. Raises `ValueError` for anything else.
    """
    if isinstance(written, str):
        return _of_text(written.strip())
    if isinstance(written, int | float) and not isinstance(written, bool):
        return _of_number(written)
    raise ValueError(f"{written!r} is no time")


def nanoseconds(written: object) -> int:
    """Understand a timestamp, as `moment`, whatever its resolution."""
    return moment(written).ns


@lru_cache(maxsize=4096)
def _of_text(text: str) -> Moment:
    if NUMBER.fullmatch(text):
        return _of_number(float(text) if "." in text else int(text))
    found = COMMON.fullmatch(text)
    if found:
        return _checked(_of_common(found))
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time") from None
    coarse = not re.search(r"\d[.,]\d", text)
    return Moment(_since_epoch(when if when.tzinfo else when.replace(tzinfo=UTC)), coarse)


def _of_number(number: float) -> Moment:
    for below, unit_s in SCALES:
        if EARLIEST_S <= number < below:
            if isinstance(number, int):
                return _checked(Moment(number * round(unit_s * SECOND), coarse=unit_s == 1.0))
            return _checked(Moment(round(number * unit_s * SECOND)))
    raise ValueError(f"{number!r} is no time")


def _of_common(found: re.Match[str]) -> Moment:
    day, month, year, hour, minute, second, fraction, sign, zone_hours, zone_minutes = found.groups()
    if month.lower() not in MONTHS:
        raise ValueError(f"{month} is no month")
    number = MONTHS.index(month.lower()) + 1
    zone = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0)) * (-1 if sign == "-" else 1)
    when = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    return Moment(_since_epoch(when) - zone // timedelta(seconds=1) * SECOND + _fraction(fraction), fraction is None)


def _fraction(digits: str | None) -> int:
    return int((digits or "").ljust(9, "0"))


def _since_epoch(when: datetime) -> int:
    if not EPOCH <= when < LATEST:
        raise ValueError(f"{when.isoformat()} is no time of a recording")
    return (when - EPOCH) // timedelta(microseconds=1) * 1000


def _checked(found: Moment) -> Moment:
    if not 0 <= found.ns < _since_epoch(LATEST - timedelta(days=1)):
        raise ValueError("not a time of a recording")
    return found
