"""Localhost, Monday and Monday with data beside each other, in every format."""

import msgspec
import pytest
import sample
from rich.cells import cell_len

from nineam.model import Growth
from nineam.report.data import render_json
from nineam.report.grown_view import growth_in_words
from nineam.report.html import render_html
from nineam.report.markdown import render_markdown
from nineam.report.text import render_text

SLOW = "GET /api/orders"


def document(**changes):
    return msgspec.structs.replace(sample.grown(), grown=msgspec.structs.replace(sample.grown().grown, **changes))


@pytest.mark.parametrize("width", [60, 80, 110])
def test_the_section_fits_the_terminal_and_names_shape_exponent_and_statement(width):
    text = render_text(document(), width=width, color=False)
    section = text[text.index("WITH PRODUCTION DATA") : text.index("THE STAIRS")]
    assert all(cell_len(line) <= width for line in section.splitlines())
    words = " ".join(section.split())
    assert "1,000,000 rows instead of 1,000 (1000x), led there by DATABASE_URL; proven: pg_stat_database" in words
    assert "12 sessions; roles stayed as before" in words
    assert "linear, rows^0.97 (0.9 to 1.1), in db_execute" in words
    assert "0.5 ms -> 75 ms a request, executed 1 -> 40 times: SELECT" in words
    assert words.index("linear") < words.index("constant")


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_pages_have_the_same(render):
    page = render(document())
    assert "With production data" in page
    assert "linear, rows^0.97 (0.9 to 1.1)" in page
    assert "1,000,000" in page


@pytest.mark.parametrize("render", [render_html, render_markdown, lambda it: render_text(it, width=80, color=False)])
def test_what_is_not_proven_and_what_went_wrong_is_said_in_every_format(render):
    unproven = document(proven=False, proof="no session", problem="with 5 rows: <b>it died</b>", growth=())
    page = render(unproven)
    assert "NOT PROVEN that it was used: no session" in " ".join(page.split())
    assert "it died" in page
    assert ("<b>it died" in page) == ("WITH PRODUCTION DATA" in page)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(1.4, 1.9, "more than linear"), (2.2, 2.9, "more than quadratic"), (0.4, 0.6, "less than linear")],
)
def test_what_lies_between_the_words_is_said_by_the_nearest_below(low, high, words):
    growth = Growth(endpoint=SLOW, shape="power", exponent=1.6, low=low, high=high)
    assert growth_in_words(growth).startswith(f"{words}, rows^1.6 (")


def test_failures_under_load_with_data_are_said():
    failing = {SLOW: msgspec.structs.replace(sample.shop().monday.endpoints[SLOW], failed_rate=0.25)}
    monday = msgspec.structs.replace(sample.shop().monday, endpoints=failing)
    words = " ".join(render_text(document(monday=monday), width=80, color=False).split())
    assert "in db_execute; 25% of Monday's requests with data fail" in words


def test_a_run_without_clones_says_nothing_of_them():
    assert "production data" not in render_text(sample.shop(), width=80, color=False).lower()
    assert "production data" not in render_html(sample.shop()).lower()
    assert msgspec.json.decode(render_json(sample.shop()))["grown"] is None


def test_the_document_carries_points_and_interval():
    growth = msgspec.json.decode(render_json(document()))["grown"]["growth"][0]
    assert (growth["exponent"], growth["low"], growth["high"]) == (0.97, 0.9, 1.1)
    assert growth["points"][-1] == {"rows": 1_000_000, "ms": 80.0, "executions": None}
