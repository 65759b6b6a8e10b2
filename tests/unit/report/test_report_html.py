"""The page: one file, offline, safe, accessible."""

import re
from html.parser import HTMLParser

import msgspec
import pytest
import sample

from nineam.report.chart_cries import cries_chart
from nineam.report.chart_layers import layer_rows, legend
from nineam.report.chart_stairs import stairs_chart
from nineam.report.clean import clean
from nineam.report.html import render_html

VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Collects elements and checks that they nest."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", sample.SAMPLES)
def test_every_page_nests_and_has_one_title_and_one_main(name):
    page = Page(render_html(sample.SAMPLES[name]()))
    tags = [tag for tag, _ in page.elements]
    assert page.open == []
    assert tags.count("h1") == tags.count("main") == 1


@pytest.mark.parametrize("name", sample.SAMPLES)
def test_no_page_runs_or_requests_anything(name):
    page = Page(render_html(sample.SAMPLES[name]()))
    for tag, attributes in page.elements:
        assert tag not in {"script", "img", "link", "iframe", "object", "embed"}
        assert not {"src", "srcset", "onerror", "onload", "href", "xlink:href"} & set(attributes)
    assert not re.search(r"url\(|@import", render_html(sample.SAMPLES[name]()))


@pytest.mark.parametrize("name", sample.SAMPLES)
def test_every_page_is_small_and_can_be_written_as_utf8(name):
    assert len(render_html(sample.SAMPLES[name]()).encode("utf-8")) < 200_000


def test_the_page_of_a_very_large_run_stays_under_two_megabytes():
    seen = sample.monday().endpoints["GET /api/orders"]
    phase = msgspec.structs.replace(sample.monday(), endpoints={f"GET /api/{number}": seen for number in range(1000)})
    finding = msgspec.structs.replace(sample.findings()[2], statement=sample.LONG_SQL, fix=sample.LONG_SQL)
    document = msgspec.structs.replace(sample.shop(), localhost=phase, monday=phase, findings=(finding,) * 100)
    assert len(render_html(document).encode()) < 2_000_000


def test_every_table_has_a_caption_every_picture_a_name_and_no_id_is_used_twice():
    page = Page(render_html(sample.shop()))
    tags = [tag for tag, _ in page.elements]
    assert tags.count("table") == tags.count("caption")
    assert all(attributes.get("aria-label") for tag, attributes in page.elements if tag == "svg")
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_follows_the_readers_colours_and_has_a_print_form():
    text = render_html(sample.shop())
    assert "prefers-color-scheme:dark" in text
    assert "@media print" in text


def test_a_finding_shows_its_line_its_statement_and_its_fix():
    text = render_html(sample.shop())
    assert "shop/serializers.py:41" in text
    assert "FROM customers\nWHERE customers.id = $1" in text
    assert "selectinload(Order.customer)" in text


def test_hostile_names_stay_text():
    text = render_html(sample.hostile())
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in text
    assert "<img" not in text
    assert "<script" not in text
    assert not set(text) & {"\x1b", "\x00", "\x07", "\u202e", "\udce9"}


def test_a_warning_stands_before_the_verdict():
    text = render_html(sample.untrustworthy())
    assert text.index("NOT TRUSTWORTHY") < text.index("<h1>")


def test_the_stairs_mark_where_the_objective_broke():
    chart = stairs_chart(sample.shop(), 760.0)
    assert "broke at 20 req/s" in chart
    assert "objective p(95)&lt;500" in chart
    assert "broke at" not in stairs_chart(sample.healthy(), 760.0)
    assert stairs_chart(sample.interrupted(), 760.0) == ""


def test_one_stair_or_broken_numbers_still_draw():
    document = sample.shop()
    single = msgspec.structs.replace(document, stairs=document.stairs[:1])
    assert stairs_chart(single, 380.0).count("<circle") == 3
    nothing = tuple(msgspec.structs.replace(stair, p99_ms=float("nan")) for stair in document.stairs)
    assert stairs_chart(msgspec.structs.replace(document, stairs=nothing), 380.0) == ""


def test_layers_fill_the_whole_bar_and_each_has_its_colour_in_the_legend():
    row = layer_rows(sample.shop())[0]
    widths = [float(width) for width in re.findall(r'<rect x="[^"]+" y="0" width="([^"]+)"', row.monday)]
    assert sum(widths) == pytest.approx(1000, abs=0.1)
    colors = dict(legend(sample.shop()))
    assert set(re.findall(r'fill="(#\w+)"', row.monday)) <= set(colors.values())
    assert list(colors)[-1] == "unattributed"


def test_what_cried_is_drawn_in_order_and_nothing_is_drawn_when_nothing_cried():
    assert re.findall(r'class="order middle">(\d)<', cries_chart(sample.shop(), 760.0)) == ["1", "2", "3"]
    assert cries_chart(sample.healthy(), 760.0) == ""


def test_cleaning_changes_only_text_that_could_do_harm():
    assert clean(sample.shop()) == sample.shop()
