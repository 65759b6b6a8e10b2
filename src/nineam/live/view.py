"""Draws the live state; and the two listeners, one for terminals, one for logs."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from nineam.live.state import NAMES, LiveState, fold, line, load_in_words, plan_in_words, time_left
from nineam.monday.events import Event, Listener

BARS = " ▁▂▃▄▅▆▇█"
BAR, GAP = 16, 2


def draw(state: LiveState, width: int) -> RenderableType:
    """Draw the state, `width` columns wide: the stairs so far, and the phase that is running."""
    return Group(*_ended(state), *_plan(state), _running(state, width))


def _ended(state: LiveState) -> Iterator[RenderableType]:
    for event in state.ended:
        text = line(event)
        if text:
            yield Text("  " + text, style="red" if event.broke and event.kind == "monday" else "dim")


def _plan(state: LiveState) -> Iterator[RenderableType]:
    if words := plan_in_words(state.phase):
        yield Text("  " + words, style="dim", no_wrap=True, overflow="ellipsis")


def _running(state: LiveState, width: int) -> RenderableType:
    phase, progress = state.phase, state.progress
    if phase is None:
        return Text("  " + (state.said[-1] if state.said else "starting"), style="dim")
    elapsed = progress.elapsed_s if progress else 0.0
    cells = [Text(f"  {NAMES.get(phase.kind, phase.kind)}", style="bold")]
    if not phase.words:
        cells.append(Text(load_in_words(phase)))
    cells.append(Text(time_left(phase, elapsed), style="dim"))
    if progress:
        if phase.words:
            cells.append(Text(f"{progress.active_users:3} active"))
        cells.append(Text(f"{progress.rate:6.1f}/s  p95 {progress.p95_ms:6.0f} ms"))
        cells.append(Text(f"{progress.failed} failed", style="red" if progress.failed else "dim"))
    room = width - sum(GAP + cell.cell_len for cell in cells)
    bar = ProgressBar(total=phase.seconds, completed=min(elapsed, phase.seconds), width=min(BAR, max(1, room)))
    left = room - BAR - GAP
    if left > 0:
        cells.append(Text(sparkline(state.p95s[-left:]), style="cyan"))
    shown: list[RenderableType] = [cells[0], bar, *cells[1:]] if room > 0 else [*cells]
    row = Table.grid(padding=(0, GAP))
    for _ in shown:
        row.add_column(no_wrap=True)
    row.add_row(*shown)
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
    with Live(console=console, get_renderable=lambda: draw(state, console.width), refresh_per_second=4, transient=True):

        def listen(event: Event) -> None:
            nonlocal state
            state = fold(state, event)

        yield listen
