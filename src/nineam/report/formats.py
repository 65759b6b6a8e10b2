"""The formats a run can be reported in: one line each."""

from collections.abc import Callable
from dataclasses import dataclass

from nineam.errors import UsageError, nearest
from nineam.model import RunDocument
from nineam.report.data import render_json
from nineam.report.html import render_html
from nineam.report.junit import render_junit
from nineam.report.markdown import render_markdown
from nineam.report.text import render_text

FILE_WIDTH = 100


@dataclass(frozen=True)
class Format:
    """A format by the name users type, its files' extension (without a dot), and how it is made."""

    name: str
    extension: str
    render: Callable[[RunDocument], str]


def render_text_file(document: RunDocument) -> str:
    """Return the terminal's summary for a file: plain, 100 columns."""
    return render_text(document, width=FILE_WIDTH, color=False)


FORMATS: tuple[Format, ...] = (
    Format("text", "txt", render_text_file),
    Format("html", "html", render_html),
    Format("json", "json", render_json),
    Format("markdown", "md", render_markdown),
    Format("junit", "xml", render_junit),
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
