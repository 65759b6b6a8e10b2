"""Lines of access logs: when which request came. Readers raise `ValueError` for a line that does not say."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from nineam.errors import UsageError, nearest, pointer
from nineam.traffic.patience import Patience
from nineam.traffic.times import Moment, moment

# The request is the first thing in quotes after the time; user names before it may hold anything.
COMMON = re.compile(r'\[(\d{1,2}/[A-Za-z]{3}/\d{4}[^\]]{8,40})\][^"]{0,256}"([^"\\]*(?:\\.[^"\\]*)*)"')
REQUEST = re.compile(r'"([A-Z]{3,12} [^"\s]{1,16384} HTTP/[\d.]{1,3})"')
STATUS = re.compile(r" ([1-5]\d\d)(?= |$)")
STATUS_ALONE = re.compile(r"[1-5]\d\d")
METHOD = re.compile(r"[A-Za-z]{1,20}")
PROTOCOL = re.compile(r" HTTP/[\d.]+$")
ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
CONTROL = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"v": b"\v", b"f": b"\f"}

# keys as many loggers have them, in lower case and without anything but letters and digits; the first one counts
TIMES = ("timeiso8601", "timestamp", "time", "ts", "startutc", "starttime", "timelocal", "datetime", "msec", "date")
METHODS = ("method", "requestmethod", "httpmethod", "verb")
PATHS = ("requesturi", "requesturl", "uri", "url", "original", "httpurl", "requestpath", "path", "target")
STATUSES = ("status", "statuscode", "httpstatus", "httpstatuscode", "responsestatus", "responsestatuscode", "code")
QUERIES = ("args", "querystring", "query")
LINES = ("request", "message", "msg", "log")
NESTED = ("request", "req", "httprequest", "http", "url")
DEEPEST = 3
GROUPS = ("time", "method", "path")


class Hit(NamedTuple):
    """A request that came; `target` as the log has it, `status` 0 when it does not say how it was answered."""

    when: Moment
    method: str
    target: str
    status: int = 0


Reader = Callable[[str], Hit]


def common_line(line: str) -> Hit:
    """Read a line of the common or the combined format, whatever stands before and behind."""
    found = COMMON.search(line)
    if found is None:
        raise ValueError("no [time] followed by a request in quotes")
    status = STATUS.match(line, found.end())
    return Hit(moment(found.group(1)), *_request(found.group(2)), int(status.group(1)) if status else 0)


def json_line(line: str) -> Hit:
    """Read a line that is a JSON object, with the request in it or in an access log's line in it.

    The lines may be those of an array, one object each.
    """
    found = msgspec.json.decode(line.strip("[], \t"))
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    fields: dict[str, Any] = {}
    _flatten(found, fields)
    method, path = _first(fields, METHODS), _first(fields, PATHS)
    if not (method and path):
        return _line_within(fields)
    query = _first(fields, QUERIES)
    target = f"{path}?{query.lstrip('?')}" if query and "?" not in path else path
    return Hit(_when(fields), method, target, _status(fields))


def pattern_reader(pattern: str, patience: Patience) -> Reader:
    """Make a reader of a regular expression. Raises `UsageError` when it is none, or lacks a group."""
    try:
        search = re.compile(pattern).search
    except re.error as error:
        details = pointer(pattern, error.pos or 0)
        raise UsageError(f"the log format is no regular expression: {error.msg}", details=details) from error
    except (RecursionError, OverflowError) as error:
        raise UsageError(f"the log format is no regular expression: {error}") from error
    _check_groups(pattern, tuple(re.compile(pattern).groupindex))

    def read(line: str) -> Hit:
        patience.begin(line)
        found = search(line)
        patience.end()
        if found is None:
            raise ValueError("does not match the log format")
        status = _whole(found.groupdict().get("status"))
        return Hit(moment(found["time"]), found["method"] or "", found["path"] or "", status)

    return read


def reader_of(sample: Sequence[str]) -> Reader:
    """Give the reader that understands most of some lines; a common line inside an object is the object's."""
    return max((json_line, common_line), key=lambda reader: sum(_understands(reader, line) for line in sample))


def understood(reader: Reader, line: str) -> Hit | None:
    """What a line says; None when it does not say it."""
    try:
        return reader(line)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None


def _understands(reader: Reader, line: str) -> bool:
    return understood(reader, line) is not None


def _check_groups(pattern: str, groups: tuple[str, ...]) -> None:
    missing = [name for name in GROUPS if name not in groups]
    if missing:
        close = next(
            (
                f"(?P<{group}>...): did you mean {nearest(group, missing)}?"
                for group in groups
                if nearest(group, missing)
            ),
            "",
        )
        raise UsageError(
            f"the log format has no group {', '.join(missing)}",
            details=[pattern, *([close] if close else [])],
            hint="Write (?P<time>...), (?P<method>...) and (?P<path>...) around what they are.",
        )


# --- requests in quotes ---


def _request(quoted: str) -> tuple[str, str]:
    """Method and target of a request line, which servers escape each in their way."""
    method, _, rest = (_unescaped(quoted) if "\\" in quoted else quoted).partition(" ")
    target = PROTOCOL.sub("", rest).strip(" ")
    if not METHOD.fullmatch(method) or not target:
        raise ValueError("no request in quotes")
    return method, target


def _unescaped(text: str) -> str:
    def plain(found: re.Match[bytes]) -> bytes:
        digits, letter = found.groups()
        return bytes([int(digits, 16)]) if digits else CONTROL.get(letter, letter)

    return ESCAPE.sub(plain, text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


# --- objects ---


def _flatten(found: dict[str, Any], fields: dict[str, Any], depth: int = 0) -> None:
    for key, value in found.items():
        name = "".join(filter(str.isalnum, key.lower()))
        if isinstance(value, dict):
            if name in NESTED and depth < DEEPEST:
                _flatten(value, fields, depth + 1)
        else:
            fields.setdefault(name, value)


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((fields[name] for name in names if isinstance(fields.get(name), str) and fields[name]), "")


def _status(fields: dict[str, Any]) -> int:
    return next((_whole(fields[name]) for name in STATUSES if name in fields), 0)


def _whole(value: Any) -> int:
    """Read a status; 0 when it is none."""
    text = str(value)
    return int(text) if STATUS_ALONE.fullmatch(text) else 0


def _when(fields: dict[str, Any]) -> Moment:
    for name in TIMES:
        if name in fields:
            try:
                return moment(fields[name])
            except ValueError:
                continue
    raise ValueError("no time")


def _line_within(fields: dict[str, Any]) -> Hit:
    """Read what a container's log driver wraps into JSON: a whole line, or at least a request in quotes."""
    for name in LINES:
        text = fields.get(name)
        if not isinstance(text, str):
            continue
        if COMMON.search(text):
            return common_line(text)
        found = REQUEST.search(text if name != "request" else f'"{text}"')
        if found:
            return Hit(_when(fields), *_request(found.group(1)), _status(fields))
    raise ValueError("no request")
