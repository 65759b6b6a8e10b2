"""Plain lines for a terminal: columns that line up and paragraphs that hang, whatever the width."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from nineam.report.clean import ELLIPSIS


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` terminal cells: padded on the right, or cut with an ellipsis."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(0, width - 1)) + ELLIPSIS


def wrapped(text: str, width: int, at_most: int = 0) -> list[str]:
    """`text` broken at words into lines of at most `width` cells; beyond `at_most` lines (0: no limit) an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += _pieces(word, width)
    if not at_most or len(lines) <= at_most:
        return lines
    return [*lines[: at_most - 1], fit(lines[at_most - 1] + " " + ELLIPSIS, width).rstrip()]


def _pieces(word: str, width: int) -> list[str]:
    pieces = []
    while cell_len(word) > width:
        head = set_cell_size(word, width).rstrip()
        pieces.append(head)
        word = word[len(head) :]
    return [*pieces, word]


def hanging(start: str, body: str, width: int, *, styles: tuple[str, str] = ("", ""), at_most: int = 0) -> list[Text]:
    """`start` and then `body`, whose further lines begin where its first one did. `styles` are of start and body."""
    indent = cell_len(start)
    lines = wrapped(body, max(20, width - indent), at_most) or [""]
    first = Text.assemble((start, styles[0]), (lines[0], styles[1]))
    return [first, *(Text.assemble(" " * indent, (line, styles[1])) for line in lines[1:])]


def title(text: str, remark: str = "") -> list[Text]:
    """Return a section's title with an optional remark."""
    return [Text(), Text.assemble((text.upper(), "bold"), (f"  {remark}" if remark else "", "dim"))]


def column_widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the widest cell of each column."""
    return [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
