"""Draws the live state; and the two listeners, one for terminals, one for logs."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from nineam.live.state import NAMES, LiveState, fold, line, load_of
from nineam.monday.events import Event, Listener

BARS = " ▁▂▃▄▅▆▇█"


def draw(state: LiveState) -> RenderableType:
    """Draw the state: the stairs so far, and the phase that is running."""
    return Group(*(_ended(state)), _running(state))


def _ended(state: LiveState) -> Iterator[RenderableType]:
    for event in state.ended:
        text = line(event)
        if text:
            yield Text("  " + text, style="red" if event.broke and event.kind == "monday" else "dim")


def _running(state: LiveState) -> RenderableType:
    phase, progress = state.phase, state.progress
    if phase is None:
        return Text("  " + (state.said[-1] if state.said else "starting"), style="dim")
    elapsed = progress.elapsed_s if progress else 0.0
    row = Table.grid(padding=(0, 2))
    load = load_of(phase.users, phase.rate) if phase.kind == "monday" else "one polite user"
    cells: list[RenderableType] = [
        Text(f"  {NAMES.get(phase.kind, phase.kind)}", style="bold"),
        Text(load),
        ProgressBar(total=phase.seconds, completed=min(elapsed, phase.seconds), width=16),
        Text(f"{max(0.0, phase.seconds - elapsed):3.0f} s left", style="dim"),
    ]
    if progress:
        cells.append(Text(f"{progress.rate:6.1f}/s  p95 {progress.p95_ms:6.0f} ms"))
        cells.append(Text(f"{progress.failed} failed", style="red" if progress.failed else "dim"))
        cells.append(Text(sparkline(state.p95s), style="cyan"))
    row.add_row(*cells)
    return row


def sparkline(values: tuple[float, ...]) -> str:
    """Draw values as blocks, the largest full."""
    top = max(values, default=0.0) or 1.0
    return "".join(BARS[min(8, round(8 * value / top))] for value in values)


@contextmanager
def listening(console: Console, *, quiet: bool) -> Iterator[Listener]:
    """Show a run on `console` while the block runs: drawn on a terminal, as plain lines elsewhere."""
    if quiet:
        yield lambda event: None  # noqa: ARG005 - nobody listens
    elif console.is_terminal:
        with _drawing(console) as listener:
            yield listener
    else:
        yield lambda event: _print(console, event)


def _print(console: Console, event: Event) -> None:
    text = line(event)
    if text:
        console.print(text, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _drawing(console: Console) -> Iterator[Listener]:
    state = LiveState()
    with Live(console=console, get_renderable=lambda: draw(state), refresh_per_second=4, transient=True):

        def listen(event: Event) -> None:
            nonlocal state
            state = fold(state, event)

        yield listen
