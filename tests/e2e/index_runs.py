"""Run files that know statements, written with the product's writer."""

from pathlib import Path

from nineam.store.writer import Writer

SECOND = 1_000_000_000


def write_run(path: Path, *statements: str, endpoint: str = "GET /orders", executions: int = 40) -> Path:
    """Write a run in which one endpoint executes these statements, one millisecond each."""
    writer = Writer(path)
    writer.meta("objective_ms", 500.0)
    number = writer.name
    for phase in (writer.begin_phase("localhost", 0, 0.0, 1, 0), writer.begin_phase("monday", 1, 10.0, 0, 9 * SECOND)):
        ms = SECOND // 1000 * executions
        writer.add("request_total", 3, [(phase, 0, number(endpoint), executions, 9 * ms, executions, 0, 0)])
        writer.add("layer_total", 4, [(phase, 0, number(endpoint), number("db_execute"), 9 * ms)])
        writer.add("query_total", 6, [
            (phase, *map(number, (endpoint, text, "app/views.py:7:orders", "", "")), executions, executions,
             executions, ms, 0, 0, 1)
            for text in statements
        ], largest=1)  # fmt: skip
        writer.end_phase(phase, (phase + 1) * 9 * SECOND, True)
    writer.close()
    return path
