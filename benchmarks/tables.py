"""Numbers of several runs as text: medians, spreads, ratios, and Markdown tables that read well as they are."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """The middle, the smallest and the largest of some values."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """Give the spread of at least one value."""
    return Spread(statistics.median(values), min(values), max(values))


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Give the spread of the ratios of rounds: what ran one after the other met the same moods of the machine."""
    return spread([mine / other for mine, other in zip(ours, theirs, strict=True)])


def range_of(values: Spread, digits: int = 1) -> str:
    """Write a spread: `1.5 (1.4 - 1.7)`; only the middle when there is nothing else."""
    median, least, most = (f"{value:,.{digits}f}" for value in values)
    return median if least == most else f"{median} ({least} - {most})"


def part_of(ratio: Spread) -> str:
    """Write a ratio below one as a part: `1/6.6 (1/6.9 - 1/6.1)`."""
    median, least, most = (f"1/{1 / value:.1f}" for value in ratio)
    return median if least == most else f"{median} ({least} - {most})"


def disturbance(others: Sequence[float]) -> str:
    """Say how much of the generators' core other processes took, run by run: above a few percent nothing holds."""
    return f"Other processes took {spread(others).median:.0%} of the generators' core (at most {max(others):.0%})."


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table, its columns padded."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [_line(header, widths), "|" + "|".join("-" * (width + 2) for width in widths) + "|"]
    return lines + [_line(row, widths) for row in rows]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
