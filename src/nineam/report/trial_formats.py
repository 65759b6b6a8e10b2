"""The outputs of `nineam trial`: pure functions of its document, by the name of the option."""

import io
from collections.abc import Callable
from xml.etree import ElementTree

import msgspec
from rich.console import Console

from nineam.model.trial import TrialDocument, TrialResult
from nineam.report.clean import map_strings, one_line
from nineam.report.junit import legal
from nineam.report.markdown import escape
from nineam.report.trial_page import render_page
from nineam.report.trial_text import evidence_line, trial_lines
from nineam.visible import visible

NARROWEST = 60


def clean(document: TrialDocument) -> TrialDocument:
    """Return the same document with every string made harmless to look at."""
    return msgspec.convert(map_strings(msgspec.to_builtins(document, enc_hook=str), visible), TrialDocument)


def render_text(document: TrialDocument, *, width: int, color: bool) -> str:
    """Return the report, `width` columns wide; with ANSI styles only when `color`."""
    width = max(NARROWEST, width)
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        for line in trial_lines(clean(document), width):
            console.print(line, soft_wrap=True)
    return captured.get()


def render_json(document: TrialDocument) -> str:
    """Return the document as JSON, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=str), indent=2).decode() + "\n"


def render_markdown(document: TrialDocument) -> str:
    """GitHub-flavoured Markdown ending in a newline; what comes from the application is escaped."""
    document = clean(document)
    rows = "".join(
        f"| {each.result} | {escape(each.name)} | {escape(one_line(each.sentence, 300))} |\n"
        for each in document.trials
    )
    failures = "".join(_failure(each) for each in document.trials if each.result == "fail")
    missing = "".join(f"- {escape(text)}\n" for text in document.not_tested)
    return (
        f"## {escape(document.verdict.sentence)}\n\n| | trial | what was seen |\n|---|---|---|\n{rows}\n"
        f"{failures}### Not tested\n\n{missing}"
    )


def render_junit(document: TrialDocument) -> str:
    """JUnit XML ending in a newline: a failed gate is a failure; what could not be told is skipped."""
    document = clean(document)
    counted = {"failures": ("fail",), "skipped": ("inconclusive", "not-run", "not-applicable")}
    root = ElementTree.Element("testsuites", name="nineam", time=f"{document.seconds:.3f}")
    suite = ElementTree.SubElement(root, "testsuite", name="trials", timestamp=legal(document.started), errors="0")
    for element in (root, suite):
        element.set("tests", str(len(document.trials)))
        for name, kinds in counted.items():
            element.set(name, str(sum(each.result in kinds for each in document.trials)))
    suite.extend(_case(each) for each in document.trials)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _failure(result: TrialResult) -> str:
    lines = [f"**{escape(result.name)}**: {escape(one_line(result.sentence))}"]
    for word, text in (("seen", evidence_line(result)), ("cause", result.cause), ("fix", result.fix)):
        if text:
            lines.append(f"{word}: {escape(one_line(text))}")
    return "  \n".join(lines) + "\n\n"


def _case(result: TrialResult) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", classname="nineam.trials", name=legal(result.name), time=f"{result.seconds:.3f}"
    )
    if result.result == "pass":
        ElementTree.SubElement(case, "system-out").text = legal(result.sentence)
        return case
    kind = "failure" if result.result == "fail" else "skipped"
    message = result.sentence if kind == "failure" else f"{result.result}: {result.sentence}"
    mark = ElementTree.SubElement(case, kind, message=legal(one_line(message)))
    told = (evidence_line(result), result.cause and f"cause: {result.cause}", result.fix and f"fix: {result.fix}")
    mark.text = legal("\n".join(text for text in told if text)) or None
    return case


def render_html(document: TrialDocument) -> str:
    """Return the document as a self-contained page."""
    return render_page(clean(document))


FORMATS: dict[str, Callable[[TrialDocument], str]] = {
    "json": render_json,
    "html": render_html,
    "junit": render_junit,
    "markdown": render_markdown,
}
