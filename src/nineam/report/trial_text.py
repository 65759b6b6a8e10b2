"""What readiness trials came to, as a person reads it in a terminal."""

from rich.text import Text

from nineam.model.trial import Result, TrialDocument, TrialResult
from nineam.report import numbers
from nineam.report.chart_course import strip
from nineam.report.clean import one_line
from nineam.report.text_layout import hanging, title

MARKS: dict[Result, tuple[str, str]] = {
    "pass": ("pass", "green"),
    "fail": ("FAIL", "bold red"),
    "inconclusive": ("unclear", "yellow"),
    "not-run": ("not run", "dim"),
    "not-applicable": ("n/a", "dim"),
}
STATUS_STYLES = {"ready": "bold green", "not-ready": "bold red", "not-proven": "bold yellow"}
MARK_WIDTH = 9
MOST_EVIDENCE = 6


def trial_lines(document: TrialDocument, width: int) -> list[Text]:
    """Return the whole report: verdict, a line for each trial, causes of failures, what was not tested."""
    lines = hanging("", document.verdict.sentence, width, styles=("", STATUS_STYLES[document.verdict.status]))
    lines += hanging("", _about(document), width, styles=("", "dim"))
    lines += title("Trials")
    for each in document.trials:
        lines += result_lines(each, width)
    if document.not_tested:
        lines += title("Not tested")
        for text in document.not_tested:
            lines += hanging("  - ", one_line(text), width, styles=("", "dim"))
    for text in document.notices:
        lines += hanging("note: ", one_line(text), width, styles=("dim", "dim"))
    return lines


def result_lines(result: TrialResult, width: int) -> list[Text]:
    """Return one trial: what it came to, and of a failure the evidence, the cause and the fix."""
    word, style = MARKS[result.result]
    start = f"  {word:<{MARK_WIDTH}}"
    lines = hanging(start, one_line(f"{result.name}: {result.sentence}"), width, styles=(style, ""))
    indent = " " * (MARK_WIDTH + 2)
    if result.result in ("fail", "inconclusive"):
        told = [("seen: ", evidence_line(result)), ("seconds: ", _seconds(result))]
        if result.result == "fail":
            told += [("cause: ", result.cause), ("fix: ", result.fix)]
        for word_, text in told:
            if text:
                lines += hanging(indent + word_, one_line(text), width, styles=("bold" if word_ == "fix: " else "", ""))
    return lines


def _seconds(result: TrialResult) -> str:
    """Draw what became of the requests, second by second, when some came to grief."""
    signs = strip(result.course)
    return f"{signs} (x: not all answered well, |: the fault's ends)" if "x" in signs else ""


def evidence_line(result: TrialResult) -> str:
    """Spell what a person can take in of the evidence, and what the fault touched."""
    parts = []
    if result.result == "fail":
        how = "failed twice in one attempt, counted in two ways" if result.attempts == 1 else ""
        parts.append(how or f"failed twice in {result.attempts} attempts")
    if result.value is not None and result.threshold is not None:
        parts.append(f"{numbers_of(result.value)} {result.unit}, allowed {numbers_of(result.threshold)}")
    for name, value in list(result.evidence.items())[:MOST_EVIDENCE]:
        if isinstance(value, dict) and value and all(isinstance(each, int | float) for each in value.values()):
            listed = ", ".join(f"{key} {count:g}" for key, count in list(value.items())[:4])
            parts.append(f"{name.replace('_', ' ')}: {listed}")
        elif isinstance(value, int | float | str) and not isinstance(value, bool) and value != "":
            parts.append(
                f"{name.replace('_', ' ')} {value:g}"
                if isinstance(value, float)
                else f"{name.replace('_', ' ')} {value}"
            )
    return "; ".join(parts)


def numbers_of(value: float) -> str:
    """Spell a number with at most three digits behind the point."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _about(document: TrialDocument) -> str:
    found = ", ".join(f"{each.name} ({each.kind}, {each.host}:{each.port})" for each in document.dependencies)
    return (
        f"{document.target.get('command', '')}; {len(document.endpoints)} endpoints at {document.rate:g} requests/s; "
        f"dependencies: {found or 'none found'}; took {numbers.seconds(document.seconds)}"
    )
