"""A run as Locust's four CSV files, column for column. Times are milliseconds from the intended start.

They speak of the same phases as the totals of the summary. `Average Content Size` is not kept per endpoint: it is
N/A there, and in `Aggregated` what came over the wire, heads included, per request.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from nineam.endpoints import method_and_path
from nineam.gathering import gather_whole
from nineam.model import EndpointStats, RunDocument, Tick
from nineam.report.locust_rows import PERCENTILES, Cell, Sums, Table, percentiles, rate
from nineam.visible import visible

HISTORY_S = 1.0
FORMULAS = ("=", "+", "-", "@")
STATS = (
    "Type",
    "Name",
    "Request Count",
    "Failure Count",
    "Median Response Time",
    "Average Response Time",
    "Min Response Time",
    "Max Response Time",
    "Average Content Size",
    "Requests/s",
    "Failures/s",
    *PERCENTILES,
)
HISTORY = (
    "Timestamp",
    "User Count",
    "Type",
    "Name",
    "Requests/s",
    "Failures/s",
    *PERCENTILES,
    "Total Request Count",
    "Total Failure Count",
    "Total Median Response Time",
    "Total Average Response Time",
    "Total Min Response Time",
    "Total Max Response Time",
    "Total Average Content Size",
)
FAILURES = ("Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen")
EXCEPTIONS = ("Count", "Message", "Traceback", "Nodes")
Row = Sequence[Cell]


def render_locust_csv(document: RunDocument, ticks: Sequence[Tick]) -> dict[str, Iterable[str]]:
    """Four files, by what is added to the prefix."""
    judged = [tick for tick in ticks if tick.kind == "monday" and tick.stair in document.totals.stairs]
    return {
        "_stats.csv": _text(STATS, _stats(document, judged)),
        "_stats_history.csv": _text(HISTORY, _history(judged)),
        "_failures.csv": _text(FAILURES, _failures(judged)),
        "_exceptions.csv": _text(EXCEPTIONS, _exceptions(document)),
    }


def _text(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    for row in (header, *rows):
        buffer = io.StringIO()
        csv.writer(buffer).writerow([_harmless(cell) for cell in row])
        yield buffer.getvalue()


def _harmless(cell: Cell) -> Cell:
    """Let no name break a line, or be taken for a formula by a spreadsheet: such a one gets an apostrophe in front."""
    if not isinstance(cell, str):
        return cell
    text = " ".join(cell.splitlines()) if cell else cell
    return f"'{text}" if text.lstrip().startswith(FORMULAS) or text.startswith("\t") else text


def _stats(document: RunDocument, ticks: Sequence[Tick]) -> Iterator[Row]:
    table = Table()
    for tick in ticks:
        table.add(tick.stats)
    for sums in table.rows():
        rates = [rate(count, document.totals.seconds) for count in (sums.requests, sums.failed)]
        yield [sums.method, sums.name, *sums.counts(), sums.size(), *rates, *percentiles(sums.times)]


def _history(ticks: Sequence[Tick]) -> Iterator[Row]:
    """Yield a row a second for each endpoint that was asked in it, and one for all together.

    The part of a second with which a phase ends has no row of its own.
    """
    so_far = Table()
    for tick in gather_whole(ticks, HISTORY_S):
        so_far.add(tick.stats)
        now = Table()
        now.add(tick.stats)
        sums = {(each.method, each.name): each for each in so_far.rows()}
        for current in now.rows():
            yield _moment(tick, current, sums[(current.method, current.name)])


def _moment(tick: Tick, now: Sums, so_far: Sums) -> Row:
    rates = [rate(count, tick.seconds) for count in (now.requests, now.failed)]
    head: list[Cell] = [int(tick.at_s), tick.vus, now.method, now.name]
    return [*head, *rates, *percentiles(now.times), *so_far.counts(), so_far.size()]


def _failures(ticks: Sequence[Tick]) -> Iterator[Row]:
    """Yield one row for each kind of failure of each endpoint, with when it was seen first and last."""
    seen: dict[tuple[str, str], tuple[int, float, float]] = {}
    for tick in ticks:
        for endpoint in tick.stats.endpoints:
            for error, count in _errors(endpoint).items():
                times, first, _ = seen.get((endpoint.name, error), (0, tick.at_s - tick.seconds, 0.0))
                seen[(endpoint.name, error)] = (times + count, first, tick.at_s)
    for (name, error), (count, first, last) in sorted(seen.items()):
        yield [*method_and_path(visible(name)), visible(error), count, _instant(first), _instant(last)]


def _errors(endpoint: EndpointStats) -> dict[str, int]:
    """Return how an endpoint's failures looked: statuses, and errors where there was none."""
    if not endpoint.failed:
        return {}
    bad = {f"status {status}": count for status, count in endpoint.statuses.items() if status >= "400"}
    return bad | endpoint.errors


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _exceptions(document: RunDocument) -> Iterator[Row]:
    for problem in document.problems:
        yield [problem.count, visible(problem.message), visible(problem.where), "local"]
