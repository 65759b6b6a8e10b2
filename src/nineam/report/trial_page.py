"""What readiness trials came to, as one page that opens offline: no request, no script."""

from typing import NamedTuple

from nineam.model.trial import TrialDocument, TrialResult
from nineam.report.html import environment
from nineam.report.trial_text import evidence_line

STYLES = {"pass": "good", "fail": "bad"}
WIDTH, HEIGHT = 760.0, 34.0


class Bar(NamedTuple):
    """A rectangle of the timeline: the share of a second's requests that was answered well (`ok`), or was not."""

    kind: str
    x: float
    y: float
    width: float
    height: float


def render_page(document: TrialDocument) -> str:
    """Return the whole page of a document whose texts are harmless already."""
    return (
        environment()
        .get_template("trials.html")
        .render(
            document=document,
            styles={each.result: STYLES.get(each.result, "soft") for each in document.trials},
            bars={each.name: bars(each) for each in document.trials},
            evidence=evidence_line,
        )
    )


def bars(result: TrialResult) -> list[Bar]:
    """Draw the timeline of a trial; nothing when it has none."""
    rows = result.evidence.get("timeline") or []
    if not isinstance(rows, list) or not rows:
        return []
    width = WIDTH / (max(row["s"] for row in rows) + 1)
    found = []
    for row in rows:
        good = round(HEIGHT * row["ok"], 1)
        left = round(row["s"] * width, 1)
        found.append(Bar("ok", left, HEIGHT - good, round(width - 1, 1), good))
        found.append(Bar("failed", left, 0.0, round(width - 1, 1), round(HEIGHT - good, 1)))
    return [bar for bar in found if bar.height > 0]
