"""The report as one page that opens offline: no request, light and dark, printable; its one script draws flames."""

import re
from typing import Any

import jinja2
from markupsafe import Markup, escape

from nineam.model import RunDocument
from nineam.report import k6_summary, numbers, view
from nineam.report.chart_cries import cries_chart
from nineam.report.chart_layers import MOST_LAYER_ROWS, layer_rows, legend
from nineam.report.chart_stairs import stairs_chart
from nineam.report.clean import ELLIPSIS, clean, one_line
from nineam.report.evidence import evidence_pairs
from nineam.report.flame import flame_page
from nineam.report.grown_view import grown_rows, grown_sentence, statement_in_words
from nineam.report.layer_colors import layer_color
from nineam.report.page_tables import metric_rows, threshold_rows

# a phone cannot read a wide chart scaled down, so each chart is drawn twice and the page shows one
_WIDE, _NARROW = 760.0, 380.0
# the page stays well under 2 MB; the run file and the JSON have everything
_MOST_ROWS, _LONGEST_BLOCK = 200, 4000
_CONDITION = re.compile(r"[\w().]{1,20}[<>]=?[\w.]{1,20}[.,;:]?")
_KEPT = Markup('<span class="keep">{}</span>')


def render_html(document: RunDocument) -> str:
    """Return the whole page."""
    templates = environment()
    flame = flame_page(document, templates)
    return templates.get_template("report.html").render(page(clean(document)), flame=flame)


def environment() -> jinja2.Environment:
    """Templates with autoescape on and the filters they use; an undefined name is an error, not an empty string."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("nineam.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        ms=numbers.milliseconds,
        percent=numbers.percent,
        times=numbers.times,
        short=numbers.short,
        count=numbers.count,
        one_line=one_line,
        cut=cut,
        evidence=evidence_pairs,
        color=layer_color,
        capitalize_first=capitalize_first,
        keep_conditions=keep_conditions,
    )
    return environment


def capitalize_first(text: str) -> str:
    """`text` with its first letter in upper case and the rest as it is."""
    return text[:1].upper() + text[1:]


def cut(text: str) -> str:
    """Return `text` whole, or its beginning with an ellipsis when it is very long."""
    return text if len(text) <= _LONGEST_BLOCK else text[:_LONGEST_BLOCK] + ELLIPSIS


def keep_conditions(text: str) -> Markup:
    """Words such as `p(95)<500` kept from breaking at the sign; everything is escaped."""
    words = [_KEPT.format(word) if _CONDITION.fullmatch(word) else escape(word) for word in text.split(" ")]
    return Markup(" ").join(words)


def page(document: RunDocument) -> dict[str, Any]:
    """Everything the templates name."""
    return {
        "document": document,
        "warnings": view.warnings(document),
        "problems": view.problems(document),
        "headline": view.headline(document),
        "label": view.label(document),
        "subject": view.subject(document),
        "monday_load": view.monday_load(document),
        "rows": view.endpoint_rows(document)[:_MOST_ROWS],
        "hidden_rows": max(0, len(view.endpoint_rows(document)) - _MOST_ROWS),
        "most_layer_rows": MOST_LAYER_ROWS,
        "grown_rows": grown_rows(document)[:_MOST_ROWS],
        "grown_sentence": grown_sentence(document.grown) if document.grown else "",
        "statement_in_words": statement_in_words,
        "health": view.health_sentence(document),
        "recovery": view.recovery_sentence(document),
        "generator": view.generator_sentence(document),
        "observer": view.observer_sentence(document),
        "not_seen": view.not_seen(document),
        "figures": figures(document),
        "load": numbers.load,
        "stairs_charts": [stairs_chart(document, _WIDE), stairs_chart(document, _NARROW)],
        "cries_charts": [cries_chart(document, _WIDE), cries_chart(document, _NARROW)],
        "first_broken": view.first_broken(document),
        "held": view.held_everywhere(document),
        "layer_rows": layer_rows(document),
        "legend": legend(document),
        "has_layers": view.has_layers(document),
        "metric_rows": metric_rows(document),
        "threshold_rows": threshold_rows(document),
        "trend_columns": k6_summary.TREND_COLUMNS,
    }


def figures(document: RunDocument) -> list[tuple[str, str, str]]:
    """Return the numbers a reader looks for first: what, how much, and its remark."""
    capacity, after = document.capacity, document.after
    found = []
    if view.capacity_sentence(document):
        high = capacity.rate.high
        carried = f"{numbers.short(capacity.rate.low)}+" if high is None else _range(capacity.rate.low, high)
        people = numbers.interval(capacity.users.low, capacity.users.high, "people")
        found.append(("Carries", f"{carried} req/s", people if high is None else f"{people}, {capacity.kind}"))
    if capacity.limited_by:
        found.append(("Limited by", capacity.limited_by, f"within {capacity.slo}"))
    worst = next((row for row in view.endpoint_rows(document) if row.monday), None)
    if worst and worst.monday:
        slower = f", {numbers.times(worst.slower)} slower" if worst.slower else ""
        found.append(("Slowest p95", numbers.milliseconds(worst.monday.p95_ms), worst.name + slower))
    if after.recovered is not None:
        found.append(("Afterwards", "recovered" if after.recovered else "did not recover", _recovery(document)))
    return found


def _range(low: float, high: float) -> str:
    first, last = numbers.short(low), numbers.short(high)
    return first if first == last else f"{first}\u2013{last}"


def _recovery(document: RunDocument) -> str:
    seconds = document.after.seconds
    return "" if seconds is None else f"{'in' if document.after.recovered else 'within'} {numbers.seconds(seconds)}"
