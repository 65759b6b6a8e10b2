"""The endpoint table and the stairs, as lines for a terminal."""

import math

from rich.text import Text

from nineam.model import Endpoint, RunDocument, Stair
from nineam.report import numbers, view
from nineam.report.clean import one_line
from nineam.report.text_layout import column_widths, fit, hanging, title, wrapped

_MOST_ENDPOINTS = 20
_LONGEST_NAME = 44
_INLINE_FROM = 112
_BAR = 24
_STAIR_COLUMNS = ("load", "p50", "p95", "failed")


def endpoint_lines(document: RunDocument, width: int) -> list[Text]:
    """Localhost beside Monday, one endpoint a row; where the time went beside it, or beneath it when narrow."""
    rows = view.endpoint_rows(document)
    if not rows:
        return [Text(), Text("No endpoint was requested.")]
    has_monday = bool(document.monday.endpoints)
    cells = [_cells(row, has_monday) for row in rows[:_MOST_ENDPOINTS]] + _health_cells(document, has_monday)
    header = ["endpoint", "p50", "p95", *(["p95", "failed", "slower"] if has_monday else [])]
    widths = column_widths([header, *(row for row, _, _ in cells)])
    _widen(widths, document, has_monday)
    widths[0] = max(8, min(widths[0], _LONGEST_NAME, width - sum(widths[1:]) - 2 * len(widths)))
    inline = width >= _INLINE_FROM and sum(widths) + 2 * len(widths) + 30 <= width
    lines = _header(document, header, widths, has_monday, inline and view.has_layers(document))
    for row, where, slower in cells:
        lines += _row(row, where, slower, widths, width if inline else -width)
    hidden = len(rows) - _MOST_ENDPOINTS
    return lines + ([Text(f"  and {hidden} more endpoints in the HTML report", "dim")] if hidden > 0 else [])


def _cells(row: view.EndpointRow, has_monday: bool) -> tuple[list[str], str, float | None]:
    """Return a row's cells, where its time went, and how many times slower it was."""
    local = [_ms(row.localhost, "p50_ms"), _ms(row.localhost, "p95_ms")]
    failed = numbers.percent(row.monday.failed_rate) if row.monday else numbers.UNKNOWN
    monday = [_ms(row.monday, "p95_ms"), failed, numbers.times(row.slower)] if has_monday else []
    where = ", ".join(f"{one_line(layer, 40)} {numbers.milliseconds(ms)}" for layer, ms in row.top_layers())
    return [one_line(row.name, 200), *local, *monday], where, row.slower


def _ms(endpoint: Endpoint | None, field: str) -> str:
    return numbers.milliseconds(getattr(endpoint, field)) if endpoint else numbers.UNKNOWN


def _health_cells(document: RunDocument, has_monday: bool) -> list[tuple[list[str], str, float | None]]:
    health = document.health
    if health is None:
        return []
    local = [numbers.UNKNOWN, numbers.UNKNOWN]
    monday = [numbers.milliseconds(health.p95_ms), numbers.percent(health.failed_rate), numbers.UNKNOWN]
    name = f"health probe {one_line(health.path, 60)}"
    return [([name, *local, *(monday if has_monday else [])], view.health_sentence(document), None)]


def _widen(widths: list[int], document: RunDocument, has_monday: bool) -> None:
    """Make room in the first column of each group for the group's own header."""
    widths[1] += max(0, len("one polite user") - widths[1] - widths[2] - 2)
    if has_monday:
        widths[3] += max(0, len(_monday_label(document)) - sum(widths[3:]) - 4)


def _monday_label(document: RunDocument) -> str:
    known = view.monday_load(document)
    return known if known != numbers.UNKNOWN else "Monday"


def _header(
    document: RunDocument, header: list[str], widths: list[int], has_monday: bool, with_where: bool
) -> list[Text]:
    local = "one polite user".rjust(widths[1] + widths[2] + 2)
    monday = _monday_label(document).rjust(sum(widths[3:]) + 4) if has_monday else ""
    groups = f"  {' ' * widths[0]}  {local}  {monday}".rstrip()
    names = "  " + _joined(header, widths) + ("   where the time went on Monday" if with_where else "")
    return [Text(), Text(groups, "bold"), Text(names, "dim")]


def _joined(cells: list[str], widths: list[int]) -> str:
    numeric = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join((fit(cells[0], widths[0]), *numeric))


def _row(cells: list[str], where: str, slower: float | None, widths: list[int], room: int) -> list[Text]:
    """One row; `room` is the terminal's width, negative when `where` goes beneath."""
    line = Text("  ").append_text(_coloured(cells, widths, slower))
    if room < 0:
        beneath = hanging("      ", where, -room, styles=("", "dim"), at_most=2) if where else []
        return [line, *beneath]
    start = line.cell_len + 3
    rest = wrapped(where, room - start, 3) or [""]
    first = Text.assemble(line, "   ", (rest[0], "dim"))
    return [first, *(Text.assemble(" " * start, (more, "dim")) for more in rest[1:])]


def _coloured(cells: list[str], widths: list[int], slower: float | None) -> Text:
    text = Text(_joined(cells, widths))
    if len(cells) > 3:
        slow_start, failed_start = text.cell_len - widths[5], text.cell_len - widths[5] - 2 - widths[4]
        if slower and slower >= 3:
            text.stylize("bold red" if slower >= 10 else "yellow", slow_start)
        if cells[4] not in {"0%", numbers.UNKNOWN}:
            text.stylize("red", failed_start, failed_start + widths[4])
    return text


def stair_lines(document: RunDocument, width: int) -> list[Text]:
    """One line a stair with a bar of its p95; the first that did not hold is marked."""
    if not document.stairs:
        return []
    latencies = [stair.p95_ms for stair in document.stairs if math.isfinite(stair.p95_ms)]
    highest = max((*latencies, view.objective_ms(document) or 0.0))
    broken = view.first_broken(document)
    cells = [_stair_cells(stair) for stair in document.stairs]
    widths = column_widths([_STAIR_COLUMNS, *cells])
    objective = f"objective {document.capacity.slo}" if document.capacity.slo else ""
    header = "  ".join(
        (fit("load", widths[0]), *(n.rjust(w) for n, w in zip(_STAIR_COLUMNS[1:], widths[1:], strict=True)))
    )
    bar_room = max(0, min(_BAR, width - sum(widths) - 2 * len(widths) - 16))
    legend = f"  p95, full at {numbers.milliseconds(highest)}" if bar_room >= _BAR else ""
    lines = [*title("the stairs", objective), Text("  " + header + legend, "dim")]
    for stair, row in zip(document.stairs, cells, strict=True):
        numeric = (cell.rjust(room) for cell, room in zip(row[1:], widths[1:], strict=True))
        bar = _bar(stair.p95_ms, highest, bar_room)
        mark = "  <- broke here" if stair is broken else ""
        mark = "  cut short" if stair.held is None else mark
        style = "red" if stair.held is False else ""
        lines.append(Text.assemble("  ", "  ".join((fit(row[0], widths[0]), *numeric)), "  ", (bar + mark, style)))
    held = view.held_everywhere(document)
    return lines + (hanging("  ", held, width, styles=("", "green")) if held else [])


def _stair_cells(stair: Stair) -> list[str]:
    return [
        numbers.load(stair.rate, stair.users),
        numbers.milliseconds(stair.p50_ms),
        numbers.milliseconds(stair.p95_ms),
        numbers.percent(stair.failed_rate),
    ]


def _bar(value: float, highest: float, room: int) -> str:
    if not highest > 0 or not math.isfinite(value):
        return ""
    return "█" * max(1, round(room * value / highest)) if room else ""
