"""Shows how far a clone has grown: a bar on terminals, a line per stage elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from nineam.grow.run import Listener
from nineam.grow.run import Progress as Grows
from nineam.visible import visible


class RowsPerSecond(ProgressColumn):
    """How fast rows are written."""

    def render(self, task: Task) -> Text:
        """Draw the speed, nothing before there is one."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} rows/s", style="cyan")


@contextmanager
def showing(console: Console, *, quiet: bool) -> Iterator[Listener]:
    """Show progress on `console` while the block runs."""
    if quiet:
        yield lambda progress: None  # noqa: ARG005 - nobody listens
    elif console.is_terminal:
        with _drawing(console) as listener:
            yield listener
    else:
        yield _Lines(console)


class _Lines:
    """Says each stage once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said = ""

    def __call__(self, progress: Grows) -> None:
        if progress.stage != self._said:
            self._said = progress.stage
            text = f"  {visible(progress.stage)} ({progress.rows:,} of {progress.total:,} rows)"
            self._console.print(text, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _drawing(console: Console) -> Iterator[Listener]:
    columns = (
        TextColumn("  {task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        RowsPerSecond(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, refresh_per_second=4) as bar:
        task = bar.add_task("starting", total=1)

        def listen(progress: Grows) -> None:
            bar.update(task, description=visible(progress.stage), completed=progress.rows, total=progress.total)

        yield listen
