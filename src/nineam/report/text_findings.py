"""What cried first, the story and the findings, as lines for a terminal."""

from rich.text import Text

from nineam.model import Finding, RunDocument
from nineam.report import numbers
from nineam.report.clean import one_line
from nineam.report.evidence import evidence_line
from nineam.report.text_layout import hanging, title

_MOST_FINDINGS = 10
_MOST_STORY_LINES = 5
_INDENT = "     "


def cry_lines(document: RunDocument, width: int) -> list[Text]:
    """Return the layers that began to degrade, in order, with the load at which each began."""
    if not document.cried_first:
        return []
    lines = title("what cried first")
    for cry in document.cried_first:
        where = f" ({one_line(cry.endpoint, 50)})" if cry.endpoint and cry.endpoint not in cry.sentence else ""
        load = numbers.load(cry.at_rate, cry.at_users)
        body = f"{load}: {one_line(cry.layer, 40)} - {one_line(cry.sentence, 240)}{where}"
        lines += hanging(f"  {cry.order}. ", body, width, at_most=3)
    return lines


def story_lines(document: RunDocument, width: int) -> list[Text]:
    """Return the story in at most five sentences, and the answer to the user's suspicion."""
    told = [line for line in document.story if line.strip()][:_MOST_STORY_LINES]
    lines = title("the story") if told else []
    for sentence in told:
        lines += hanging("  ", sentence, width, at_most=3)
    if document.suspect is not None:
        lines += [Text(), *hanging("Your suspicion: ", document.suspect.sentence, width, styles=("bold", ""))]
    return lines


def finding_lines(document: RunDocument, width: int) -> list[Text]:
    """Return the findings in the order given, about five lines each."""
    if not document.findings:
        return []
    lines = title("findings", "by the time they cost under load")
    for order, finding in enumerate(document.findings[:_MOST_FINDINGS], 1):
        lines += _finding(order, finding, width)
    hidden = len(document.findings) - _MOST_FINDINGS
    return lines + ([Text(f"  and {hidden} more findings in the HTML report", "dim")] if hidden > 0 else [])


def _finding(order: int, finding: Finding, width: int) -> list[Text]:
    share = f"{numbers.percent(finding.share)} of {one_line(finding.endpoint, 40)}" if finding.share else ""
    code = one_line(finding.code, 30)
    lines = hanging(f"  {order}. ", f"{code}: {one_line(finding.title, 120)}", width, styles=("", "bold"), at_most=2)
    place = one_line(finding.where, 100) + (f" ({one_line(finding.function, 60)})" if finding.function else "")
    lines += hanging(
        _INDENT, " - ".join(part for part in (place, share) if part), width, styles=("", "cyan"), at_most=2
    )
    if finding.statement:
        lines += hanging(_INDENT, one_line(finding.statement), width, styles=("", "dim"), at_most=2)
    lines += hanging(_INDENT, _evidence(finding), width)
    return lines + hanging(_INDENT + "fix: ", one_line(finding.fix), width, styles=("green", ""), at_most=2)


def _evidence(finding: Finding) -> str:
    cost = f"{numbers.milliseconds(finding.ms_per_request)} a request"
    facts = evidence_line(finding.evidence)
    return f"{one_line(finding.kind, 30)}: " + ", ".join(part for part in (cost, facts) if part)
