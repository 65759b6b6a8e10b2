"""The formats a run can be reported in: one line each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nineam.errors import UsageError, nearest
from nineam.model import RunDocument, Tick
from nineam.report.data import render_json
from nineam.report.folded import render_folded
from nineam.report.html import render_html
from nineam.report.json_lines import render_json_lines
from nineam.report.junit import render_junit
from nineam.report.k6_machine import render_k6_machine
from nineam.report.locust_csv import render_locust_csv
from nineam.report.markdown import render_markdown
from nineam.report.pprof import render_pprof
from nineam.report.speedscope import render_speedscope
from nineam.report.text import render_text

FILE_WIDTH = 100


@dataclass(frozen=True)
class Format:
    """A format by the name users type, its files' extension (without a dot), and how it is made."""

    name: str
    extension: str
    render: Callable[[RunDocument], str]


@dataclass(frozen=True)
class Binary:
    """A format that is no text."""

    name: str
    extension: str
    render: Callable[[RunDocument], bytes]


@dataclass(frozen=True)
class Series:
    """A format over time. `render` gives the lines of each file by what is added to the name the user gave."""

    name: str
    render: Callable[[RunDocument, Sequence[Tick]], dict[str, Iterable[str]]]


def render_text_file(document: RunDocument) -> str:
    """Return the terminal's summary for a file: plain, 100 columns."""
    return render_text(document, width=FILE_WIDTH, color=False)


FORMATS: tuple[Format, ...] = (
    Format("text", "txt", render_text_file),
    Format("html", "html", render_html),
    Format("json", "json", render_json),
    Format("markdown", "md", render_markdown),
    Format("junit", "xml", render_junit),
    Format("k6-summary", "json", render_k6_machine),
    Format("speedscope", "json", render_speedscope),
    Format("folded", "txt", render_folded),
)
BINARIES: tuple[Binary, ...] = (Binary("pprof", "pb.gz", render_pprof),)
SERIES: tuple[Series, ...] = (
    Series("csv", render_locust_csv),
    Series("json-lines", render_json_lines),
)


def find_format(name: str) -> Format:
    """Return the format called `name`. Raises `UsageError` with the nearest name when there is none."""
    for candidate in FORMATS:
        if candidate.name == name:
            return candidate
    names = [candidate.name for candidate in FORMATS]
    close = nearest(name, names)
    hint = f"did you mean {close}?" if close else f"choose one of {', '.join(names)}"
    raise UsageError(f"report format: got {name!r}, expected one of {', '.join(names)}", hint=hint)
