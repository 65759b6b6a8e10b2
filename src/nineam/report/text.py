"""The summary a person reads in a terminal and pastes into a chat."""

import io

from rich.console import Console
from rich.text import Text

from nineam.model import RunDocument
from nineam.report import numbers, view
from nineam.report.clean import clean, one_line
from nineam.report.k6_summary import FAIL, PASS, summary_lines
from nineam.report.text_findings import cry_lines, finding_lines, story_lines
from nineam.report.text_grown import grown_lines
from nineam.report.text_layout import hanging, title
from nineam.report.text_tables import endpoint_lines, stair_lines

_NARROWEST = 60
_MOST_PROBLEMS = 5
_MOST_NOTICES = 8
_STATUS_STYLES = {"ready": "bold green", "not-ready": "bold red", "not-proven": "bold yellow"}
_MARK_STYLES = {PASS: "green", FAIL: "red", "↳": "red", "█": "bold"}


def render_text(document: RunDocument, *, width: int, color: bool) -> str:
    """Return the whole summary, `width` columns wide; with ANSI styles only when `color`."""
    document = clean(document)
    width = max(_NARROWEST, width)
    lines = [
        *head_lines(document, width),
        *problem_lines(document, width),
        *endpoint_lines(document, width),
        *grown_lines(document, width),
        *stair_lines(document, width),
        *cry_lines(document, width),
        *story_lines(document, width),
        *finding_lines(document, width),
        *_k6_lines(document, width),
        *foot_lines(document, width),
    ]
    return _printed(lines, width, color)


def render_quiet(document: RunDocument) -> str:
    """Return the verdict in one line (what makes it worthless first), and the run file."""
    document = clean(document)
    lines = [*view.warnings(document), view.headline(document), document.run]
    return "".join(one_line(line) + "\n" for line in lines if line)


def head_lines(document: RunDocument, width: int) -> list[Text]:
    """Warnings, the verdict, what was run and how much it carries."""
    lines = [
        line for warning in view.warnings(document) for line in hanging("", warning, width, styles=("", "bold red"))
    ]
    style = _STATUS_STYLES[document.verdict.status]
    lines += hanging("", view.headline(document), width, styles=("", style))
    capacity = view.capacity_sentence(document)
    about = ", ".join(part for part in (view.subject(document), f"took {numbers.seconds(document.seconds)}") if part)
    lines += hanging("", about, width, styles=("", "dim"), at_most=2)
    return lines + (hanging("", capacity, width, styles=("", "dim")) if capacity else [])


def problem_lines(document: RunDocument, width: int) -> list[Text]:
    """Bugs in journeys: they stand before every number, because no number of a broken journey means much."""
    if not document.problems:
        return []
    lines = title("problems in journeys", "the iterations they ended count for little")
    for problem in view.problems(document)[:_MOST_PROBLEMS]:
        lines += hanging("  ", problem, width, styles=("", "red"), at_most=4)
    hidden = len(document.problems) - _MOST_PROBLEMS
    return lines + ([Text(f"  and {hidden} more in the JSON report", "dim")] if hidden > 0 else [])


def foot_lines(document: RunDocument, width: int) -> list[Text]:
    """Recovery, what measuring cost, what was not seen, and what to type next."""
    lines = title("and after")
    sentences = [view.recovery_sentence(document), view.generator_sentence(document), view.observer_sentence(document)]
    sentences += [f"not seen: {line}" for line in view.not_seen(document)[:4]]
    sentences += [f"note: {one_line(notice, 200)}" for notice in document.notices[:_MOST_NOTICES]]
    for sentence in sentences:
        lines += hanging("  ", sentence, width, styles=("", "dim"), at_most=2)
    lines += hanging("  run file: ", document.run, width) if document.run else []
    return lines + hanging("  next: ", _next(document), width)


def _next(document: RunDocument) -> str:
    commands = ["nineam report"]
    if document.findings:
        commands.append(f"nineam explain {one_line(document.findings[0].code, 30)}")
    return "  or  ".join(commands)


def _k6_lines(document: RunDocument, width: int) -> list[Text]:
    lines = summary_lines(document, width)
    return [Text(), *(_marked(line, width) for line in lines)] if lines else []


def _marked(line: str, width: int) -> Text:
    text = Text(line if len(line) <= width else line[: width - 1] + "…")
    return text if not (style := _MARK_STYLES.get(line.lstrip()[:1], "")) else _styled(text, style)


def _styled(text: Text, style: str) -> Text:
    text.stylize(style)
    return text


def _printed(lines: list[Text], width: int, color: bool) -> str:
    """Return the lines as one string; the console is told everything so that no environment variable decides."""
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        emoji=False,
        markup=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    for line in lines:
        line.rstrip()
        console.print(line, overflow="ignore", no_wrap=True, crop=False)
    return buffer.getvalue()
