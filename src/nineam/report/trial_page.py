"""What readiness trials came to, as one page that opens offline: no request, no script."""

from typing import NamedTuple

from nineam.model.trial import TrialDocument, TrialResult
from nineam.report.chart_course import course_chart
from nineam.report.clean import one_line
from nineam.report.html import environment
from nineam.report.trial_text import evidence_line

STYLES = {"pass": "good", "fail": "bad"}
WIDTH = 760.0
MOST_ROWS, LONGEST_CELL = 40, 300


def render_page(document: TrialDocument) -> str:
    """Return the whole page of a document whose texts are harmless already."""
    return (
        environment()
        .get_template("trials.html")
        .render(
            document=document,
            styles={each.result: STYLES.get(each.result, "soft") for each in document.trials},
            charts={each.name: course_chart(each.course, WIDTH) for each in document.trials},
            tables={each.name: tables(each) for each in document.trials},
            evidence=evidence_line,
        )
    )


class Table(NamedTuple):
    """Evidence in rows: what it is about, the names of its columns, and the cells."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(result: TrialResult) -> list[Table]:
    """Lay out the evidence that is a list of things."""
    found = []
    for name, value in result.evidence.items():
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            columns = tuple(dict.fromkeys(key for each in value for key in each if any(row.get(key) for row in value)))
            rows = tuple(tuple(_cell(each.get(key)) for key in columns) for each in value[:MOST_ROWS])
            found.append(Table(name, tuple(key.replace("_", " ") for key in columns), rows))
    return found


def _cell(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "yes" if value else ""
    return f"{value:g}" if isinstance(value, int | float) else one_line(str(value), LONGEST_CELL)
