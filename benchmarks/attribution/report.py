"""The comparison as Markdown and as data."""

from typing import Any

from benchmarks.attribution.comparing import Phase, Row, Whole
from benchmarks.attribution.stacks import Cell
from benchmarks.tables import markdown

HEADER = ("endpoint", "layer", "connections", "truth ms", "agent ms", "off ms", "")
WHOLE = ("endpoint", "connections", "latency ms", "layers ms", "off", "unattributed", "")

SUMMARY = ("application", "connections", "layers held", "most off", "sum off", "unattributed", "")


def summary(found: list[tuple[Cell, list[Phase]]]) -> list[str]:
    """Write a line for each application and number of connections: the worst of each target."""
    return markdown(SUMMARY, [_worst(cell, phase) for cell, phases in found for phase in phases])


def _worst(cell: Cell, phase: Phase) -> tuple[str, ...]:
    held = sum(row.held for row in phase.rows)
    most = max(phase.rows, key=lambda row: row.excess)
    off = max((whole.sum_off for whole in phase.wholes), key=abs)
    nobody = max(whole.unattributed for whole in phase.wholes)
    worst = f"{most.layer} of {most.path}: {most.agent_ms:.2f} for {most.truth_ms:.2f} ms"
    layers = f"{held} of {len(phase.rows)}"
    return (str(cell), str(phase.connections), layers, worst, f"{off:+.1%}", f"{nobody:.1%}", _verdict(phase.held))


def lines(cell: Cell, phases: list[Phase]) -> list[str]:
    """Write an application's two tables."""
    rows = [_row(phase.connections, row) for phase in phases for row in phase.rows]
    wholes = [_whole(phase.connections, whole) for phase in phases for whole in phase.wholes]
    return [f"### {cell}", "", *markdown(HEADER, rows), "", *markdown(WHOLE, wholes), ""]


def data(cell: Cell, phases: list[Phase]) -> dict[str, Any]:
    """Give everything that was compared, and all layers that were not."""
    return {
        "stack": cell.stack.name,
        "data": cell.data,
        "database": cell.database,
        "phases": [
            {
                "connections": phase.connections,
                "requests": phase.requests,
                "rows": [{**row._asdict(), "held": row.held} for row in phase.rows],
                "wholes": [{**whole._asdict(), "held": whole.held} for whole in phase.wholes],
                "layers_ms": phase.layers,
            }
            for phase in phases
        ],
    }


def _row(connections: int, row: Row) -> tuple[str, ...]:
    numbers = (f"{row.truth_ms:.2f}", f"{row.agent_ms:.2f}", f"{row.off_ms:+.2f}")
    return (row.path, row.layer, str(connections), *numbers, _verdict(row.held))


def _whole(connections: int, whole: Whole) -> tuple[str, ...]:
    numbers = (f"{whole.latency_ms:.1f}", f"{whole.agent_ms:.1f}", f"{whole.sum_off:+.1%}", f"{whole.unattributed:.1%}")
    return (whole.path, str(connections), *numbers, _verdict(whole.held))


def _verdict(held: bool) -> str:
    return "held" if held else "MISSED"
