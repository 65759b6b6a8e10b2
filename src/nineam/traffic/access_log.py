"""Access logs: what came when, to be sent again at the same intervals.

A log is read once, as a stream; what is kept in memory are the different requests and ten seconds of arrivals.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple

from nineam.errors import UsageError
from nineam.model import Record, RequestSpec
from nineam.traffic.different import MOST_REQUESTS, Different, sendable
from nineam.traffic.files import MEGABYTE, counted, excerpt, opened, too_large
from nineam.traffic.log_lines import Hit, Reader, pattern_reader, reader_of, understood
from nineam.traffic.patience import LONGEST_MATCH_S, Patience
from nineam.traffic.tape import Event, Order, Written, spread, write_tape
from nineam.traffic.times import SECOND

KIND = "access log"
REPLAYED = ("GET", "HEAD")
OTHERS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE")
SHOWN = 3
LONGEST_LINE = 1 << 20
NO_LINE = 64 * MEGABYTE
LARGEST_LOG = 16_384 * MEGABYTE
SAMPLE_LINES, SAMPLE_CHARACTERS = 1000, 1 << 22
LONG_PAUSE_NS = 600 * SECOND
NOT_SENT, NOT_UNDERSTOOD = -1, -2
FORMATS = "Known are the common and the combined format, and JSON lines with time, method and path."


class Replay(Record, frozen=True, kw_only=True):
    """What a log came to: the different `requests` (weighted by how often they came), and the `seconds` of its tape.

    `span_s` lie between the first and the last request.
    `skipped` is what is not sent again and why, `notices` what is sent otherwise than the log says.
    """

    requests: tuple[RequestSpec, ...]
    seconds: float
    span_s: float = 0.0
    skipped: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


class _Line(NamedTuple):
    number: int
    text: str


def read_access_log(path: Path, tape: Path, *, pattern: str = "") -> Replay:
    """Read a log, gzipped or not, and write the arrivals of its requests to a tape.

    `pattern` is a regular expression with the groups time, method and path for logs in a format of their own.
    Only GET and HEAD are sent again, since a log has no bodies. Raises `UsageError` when the log cannot be read, the
    pattern cannot be used, or nothing is left to send.
    """
    patience = Patience(lambda line: _too_slow(pattern, line))
    reader = pattern_reader(pattern, patience) if pattern else None
    order = Order()
    try:
        with opened(path, KIND) as file, patience if pattern else nullcontext():
            lines = _lines(file, path)
            sample = _sample(lines)
            reading = _Reading(reader or reader_of([line.text for line in sample]))
            reading.check(path, sample)
            written = write_tape(tape, spread(order.sorted(reading.events(chain(sample, lines)))))
        return reading.result(path, written, order.late)
    except UsageError:
        with suppress(OSError):
            tape.unlink(missing_ok=True)
        raise


def _too_slow(pattern: str, line: str) -> UsageError:
    return UsageError(
        f"the log format took more than {LONGEST_MATCH_S:g} s for one line of {len(line):,} characters",
        details=[pattern, excerpt(line)],
        hint="Repeat nothing that is repeated already, as (a+)+ does; [^ ]+ instead of .* helps, too.",
    )


def _lines(file: IO[bytes], path: Path) -> Iterator[_Line]:
    """Give the lines that are not empty; of a very long one only the beginning. Raises `UsageError` for no text."""
    number = size = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        rest, length = line, len(line)
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE)
            length += len(rest)
            if length > NO_LINE:
                hint = "Is it text? Name a log with one request in a line."
                raise UsageError(f"{path}:{number} has more than {NO_LINE // MEGABYTE} MB, unpacked", hint=hint)
        size += length
        if size > LARGEST_LOG:
            raise too_large(path, KIND, LARGEST_LOG)
        text = line.decode("utf-8", "surrogateescape").strip("\0\r\n\t \ufeff")
        if text:
            yield _Line(number, text)


def _sample(lines: Iterator[_Line]) -> list[_Line]:
    sample, characters = [], 0
    for line in lines:
        sample.append(line)
        characters += len(line.text)
        if len(sample) >= SAMPLE_LINES or characters >= SAMPLE_CHARACTERS:
            break
    return sample


class _Reading:
    """Counts what a log says while its events go by."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._unread = 0
        self._coarse = False
        self._shown: list[str] = []
        self._other_methods: Counter[str] = Counter()
        self._different = Different()

    def check(self, path: Path, sample: list[_Line]) -> None:
        """Raise `UsageError` when nothing of the beginning of a log is understood."""
        if not sample:
            raise UsageError(f"{path} is empty", hint="Name a log with requests in it.")
        if not any(understood(self._reader, line.text) for line in sample):
            details = [_shown(line) for line in sample[:SHOWN]]
            raise UsageError(f"no line of {path} says when which request came", details=details, hint=FORMATS)

    def events(self, lines: Iterable[_Line]) -> Iterator[Event]:
        """Give what is sent again, in the order of the log."""
        for line in lines:
            hit = understood(self._reader, line.text)
            request = NOT_UNDERSTOOD if hit is None else self._request(hit)
            if hit is not None and request >= 0:
                self._coarse |= hit.when.coarse
                yield Event(hit.when.ns, hit.when.coarse, request)
            elif request == NOT_UNDERSTOOD:
                self._unread += 1
                if len(self._shown) < SHOWN:
                    self._shown.append(_shown(line))

    def _request(self, hit: Hit) -> int:
        """Give the number of a request, or that it is not sent."""
        method = hit.method.upper()
        if method not in REPLAYED:
            self._other_methods[method if method in OTHERS else "other methods"] += 1
            return NOT_SENT
        target = sendable(hit.target)
        return self._different.number(method, target, hit.status) if target else NOT_UNDERSTOOD

    def result(self, path: Path, written: Written, late: int) -> Replay:
        """Sum up. Raises `UsageError` when nothing is left to send."""
        skipped = tuple(self._skipped())
        requests = self._different.requests()
        if not requests:
            hint = "Only GET and HEAD are sent again: a log has no bodies."
            raise UsageError(f"{path} has no request that can be sent again", details=skipped, hint=hint)
        notices = tuple(self._notices(written, late))
        seconds = float(written.last_ns // SECOND + 1)
        span_s = written.last_ns / SECOND
        return Replay(requests=requests, seconds=seconds, span_s=span_s, skipped=skipped, notices=notices)

    def _skipped(self) -> Iterator[str]:
        for method, count in self._other_methods.most_common():
            yield f"{method}: {counted(count, 'request')}; only GET and HEAD are sent, a log has no bodies"
        if self._different.left_over:
            yield f"{counted(self._different.left_over, 'request')} beyond {MOST_REQUESTS:,} different ones"
        if self._unread:
            yield f"{counted(self._unread, 'line')} of the log that cannot be understood"
            yield from self._shown

    def _notices(self, written: Written, late: int) -> Iterator[str]:
        if self._coarse:
            yield "the log knows whole seconds: requests of the same second are spread evenly over it"
        if late:
            yield f"{counted(late, 'request')} more than 10 s out of order: sent with the latest one before"
        if self._different.folded:
            replaced = counted(self._different.folded, "request")
            yield f"more than {MOST_REQUESTS:,} different requests: {replaced} became others of the same endpoint"
        if self._different.refused:
            asked = counted(self._different.refused, "request")
            yield f"{asked} of the log that mostly got a 4xx then: where it is one again, that is no failure"
        if written.pause_ns > LONG_PAUSE_NS:
            begin = datetime.fromtimestamp(written.pause_at_ns // SECOND, UTC)
            yield f"the log is silent for {written.pause_ns // SECOND:,} s after {begin:%Y-%m-%d %H:%M:%S} UTC"


def _shown(line: _Line) -> str:
    return f"line {line.number}: {excerpt(line.text)}"
