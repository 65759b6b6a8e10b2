"""Localhost, Monday, and Monday with production's data beside each other, as lines for a terminal."""

from rich.text import Text

from nineam.model import Endpoint, RunDocument
from nineam.report import numbers
from nineam.report.clean import one_line
from nineam.report.grown_view import GrownRow, grown_rows, grown_sentence, statement_in_words
from nineam.report.text_layout import column_widths, fit, hanging, title

_MOST_ROWS = 12
_LONGEST_NAME = 36
_HEADER = ("endpoint", "localhost", "monday", "with data", "server")


def grown_lines(document: RunDocument, width: int) -> list[Text]:
    """Three columns of p95 and the server's mean in the last; beneath each endpoint how it grows with the rows."""
    grown = document.grown
    if grown is None:
        return []
    style = "dim" if grown.proven else "bold yellow"
    lines = title("with production data", "p95; server: mean") + hanging(
        "  ", grown_sentence(grown), width, styles=("", style), at_most=3
    )
    if grown.problem:
        lines += hanging("  ", one_line(grown.problem, 300), width, styles=("", "red"), at_most=3)
    rows = grown_rows(document)
    if not rows:
        return lines
    cells = [_cells(row) for row in rows[:_MOST_ROWS]]
    widths = column_widths([_HEADER, *cells])
    widths[0] = max(8, min(widths[0], _LONGEST_NAME, width - sum(widths[1:]) - 2 * len(widths)))
    lines.append(Text("  " + _joined(_HEADER, widths), "dim"))
    for row, texts in zip(rows, cells, strict=False):
        lines.append(Text("  " + _joined(texts, widths)))
        lines += hanging("      ", row.words, width, styles=("", _style(row)), at_most=2)
        for statement in row.statements[:1]:
            lines += hanging("      ", statement_in_words(statement), width, styles=("", "dim"), at_most=2)
    hidden = len(rows) - _MOST_ROWS
    return lines + ([Text(f"  and {hidden} more endpoints in the HTML report", "dim")] if hidden > 0 else [])


def _cells(row: GrownRow) -> list[str]:
    server = (row.data or row.alone or Endpoint()).server_mean_ms
    p95 = [numbers.milliseconds(each.p95_ms if each else None) for each in (row.localhost, row.monday, row.data)]
    return [one_line(row.name, 200), *p95, numbers.milliseconds(server)]


def _joined(cells: list[str] | tuple[str, ...], widths: list[int]) -> str:
    numeric = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join((fit(cells[0], widths[0]), *numeric))


def _style(row: GrownRow) -> str:
    grows = row.growth is not None and row.growth.shape in ("linear", "quadratic", "power")
    return "yellow" if grows else "dim"
