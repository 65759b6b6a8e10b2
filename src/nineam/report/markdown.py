"""The run as Markdown for a pull request: verdict, table, findings."""

import re

from nineam.model import Finding, RunDocument
from nineam.report import numbers, view
from nineam.report.clean import clean, one_line
from nineam.report.evidence import evidence_line
from nineam.report.grown_view import grown_rows, grown_sentence
from nineam.report.k6_summary import FAIL, PASS, threshold_text

_MOST_ROWS = 25
_MOST_FINDINGS = 20
_MOST_PROBLEMS = 5
# GitHub takes comments of up to 65,536 characters
_LONGEST_BLOCK = 1000
_SPECIAL = re.compile(r"([\\`*_\[\]|~])")
# a backslash does not stop GitHub from linking a name or an issue; an empty comment does
_LINKING = re.compile(r"(@|#(?=\d))")
_FENCE = re.compile(r"`{3,}")


def render_markdown(document: RunDocument) -> str:
    """GitHub-flavoured Markdown ending in a newline; names are escaped, so none of them can mention, link or embed."""
    document = clean(document)
    parts = [
        *(f"> **{escape(warning)}**" for warning in view.warnings(document)),
        f"## {escape(view.headline(document))}",
        escape(view.capacity_sentence(document)),
        _problems(document),
        _table(document),
        _grown(document),
        _cries(document),
        _story(document),
        _findings(document),
        _thresholds(document),
        _foot(document),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Text on one line that Markdown and HTML leave as it is."""
    line = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKING.sub(r"\1<!-- -->", _SPECIAL.sub(r"\\\1", line).replace("://", ":<!-- -->//"))


def _problems(document: RunDocument) -> str:
    lines = [f"- {escape(problem)}" for problem in view.problems(document)[:_MOST_PROBLEMS]]
    return "### Problems in journeys\n\n" + "\n".join(lines) if lines else ""


def _table(document: RunDocument) -> str:
    rows = view.endpoint_rows(document)
    if not rows:
        return ""
    monday = view.monday_load(document)
    header = (
        "endpoint",
        "localhost p50",
        "localhost p95",
        f"p95 at {monday}",
        "failed",
        "slower",
        "where the time went",
    )
    lines = [_row(header), "|---|---:|---:|---:|---:|---:|---|"]
    lines += [_row(_cells(row)) for row in rows[:_MOST_ROWS]]
    if (health := document.health) is not None:
        p95, failed = numbers.milliseconds(health.p95_ms), numbers.percent(health.failed_rate)
        lines.append(_row((f"health probe {health.path}", "-", "-", p95, failed, "-", view.health_sentence(document))))
    hidden = len(rows) - _MOST_ROWS
    return "\n".join(lines) + (f"\n\nand {hidden} more endpoints" if hidden > 0 else "")


def _grown(document: RunDocument) -> str:
    grown = document.grown
    if grown is None:
        return ""
    header = ("endpoint", "localhost p95", "Monday p95", "Monday p95 with data", "grows")
    lines = [_row(header), "|---|---:|---:|---:|---|"]
    for row in grown_rows(document)[:_MOST_ROWS]:
        p95 = (numbers.milliseconds(each.p95_ms if each else None) for each in (row.localhost, row.monday, row.data))
        lines.append(_row((one_line(row.name, 200), *p95, row.words)))
    said = "\n\n".join(escape(text) for text in (grown_sentence(grown), grown.problem) if text)
    return f"### With production data\n\n{said}\n\n" + "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"


def _cells(row: view.EndpointRow) -> tuple[str, ...]:
    local, monday = row.localhost, row.monday
    return (
        one_line(row.name, 200),
        numbers.milliseconds(local.p50_ms if local else None),
        numbers.milliseconds(local.p95_ms if local else None),
        numbers.milliseconds(monday.p95_ms if monday else None),
        numbers.percent(monday.failed_rate if monday else None),
        numbers.times(row.slower),
        ", ".join(f"{one_line(layer, 60)} {numbers.milliseconds(ms)}" for layer, ms in row.top_layers()),
    )


def _cries(document: RunDocument) -> str:
    lines = [
        f"{cry.order}. **{escape(cry.layer)}** at {escape(numbers.load(cry.at_rate, cry.at_users))}: "
        f"{escape(cry.sentence)}"
        for cry in document.cried_first
    ]
    return "### What cried first\n\n" + "\n".join(lines) if lines else ""


def _story(document: RunDocument) -> str:
    suspicion = [document.suspect.sentence] if document.suspect else []
    return "\n".join(f"- {escape(sentence)}" for sentence in (*document.story, *suspicion))


def _findings(document: RunDocument) -> str:
    if not document.findings:
        return ""
    shown = [_finding(finding) for finding in document.findings[:_MOST_FINDINGS]]
    hidden = len(document.findings) - _MOST_FINDINGS
    return "\n\n".join(("### Findings", *shown, *([f"and {hidden} more findings"] if hidden > 0 else [])))


def _finding(finding: Finding) -> str:
    place = escape(finding.where) + (f" in {escape(finding.function)}" if finding.function else "")
    spent = f"{numbers.milliseconds(finding.ms_per_request)} a request"
    cost = f"{numbers.percent(finding.share)} of {finding.endpoint}, {spent}"
    facts = evidence_line(finding.evidence)
    head = f"**{escape(finding.title)}** ({escape(finding.code)})  \n{place}  \n{escape(cost)} ({escape(finding.kind)})"
    lines = [
        head + (f"  \n{escape(facts)}" if facts else ""),
        block("sql", finding.statement),
        block("", finding.fix),
    ]
    return "\n\n".join(line for line in lines if line)


def block(language: str, text: str) -> str:
    """Return a code block whose fence is longer than any fence in `text`."""
    if not text.strip():
        return ""
    shown = text if len(text) <= _LONGEST_BLOCK else text[:_LONGEST_BLOCK] + "…"
    fence = "`" * max(3, *(len(run) + 1 for run in ["", *_FENCE.findall(shown)]))
    return f"{fence}{language}\n{shown}\n{fence}"


def _thresholds(document: RunDocument) -> str:
    lines = [f"- {escape(item.metric)}: {escape(threshold_text(item))}" for item in document.thresholds]
    lines += [
        f"- {PASS if not check.fails else FAIL} {escape(check.name)} ({check.passes} passed, {check.fails} failed)"
        for check in document.checks
    ]
    return "### Thresholds and checks\n\n" + "\n".join(lines) if lines else ""


def _foot(document: RunDocument) -> str:
    sentences = (
        view.recovery_sentence(document),
        view.generator_sentence(document),
        view.observer_sentence(document),
        *view.not_seen(document),
        *document.notices,
    )
    return "<sub>" + "<br>".join(escape(sentence) for sentence in sentences) + "</sub>"
