"""The terminal summary."""

import re

import msgspec
import pytest
import sample
from rich.cells import cell_len

from nineam.model import JourneyProblem, Totals
from nineam.report.html import render_html
from nineam.report.markdown import render_markdown
from nineam.report.text import render_quiet, render_text

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def in_order(text, *parts):
    places = [text.index(part) for part in parts]
    assert places == sorted(places), list(zip(parts, places, strict=True))


def test_the_sections_come_in_the_order_a_reader_needs():
    text = render_text(sample.shop(), width=100, color=False)
    assert text.startswith("NOT READY for 40 req/s")
    in_order(
        text,
        "one polite user",
        "THE STAIRS",
        "<- broke here",
        "WHAT CRIED FIRST",
        "THE STORY",
        "FINDINGS",
        "█ THRESHOLDS",
    )
    in_order(text, "█ THRESHOLDS", "█ TOTAL RESULTS", "AND AFTER", "run file:", "nineam explain pool-exhausted")


def test_bugs_in_journeys_stand_before_every_number():
    problems = (JourneyProblem(message="KeyError: 'id'", where="monday.py:12", count=3411),)
    text = render_text(msgspec.structs.replace(sample.shop(), problems=problems), width=100, color=False)
    in_order(text, "NOT READY", "PROBLEMS IN JOURNEYS", "one polite user")
    assert "  KeyError: 'id' at monday.py:12 (3,411 iterations)" in text.splitlines()


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_bugs_in_journeys_stand_before_the_endpoints_on_pages_as_well(render):
    problems = (JourneyProblem(message="KeyError: <b>", where="monday.py:12", count=3411),)
    text = render(msgspec.structs.replace(sample.shop(), problems=problems))
    in_order(text, "KeyError: &lt;b&gt; at monday.py:12 (3,411 iterations)", "41.2 ms")


def test_the_totals_say_what_they_are_totals_of():
    assert "█ TOTAL RESULTS  of Monday at 40 req/s ~ 44 people, 30 s" in render_text(
        sample.shop(), width=100, color=False
    )
    climbed = msgspec.structs.replace(sample.shop(), totals=Totals(stairs=(1, 2, 3), seconds=12.0))
    assert "█ TOTAL RESULTS  of all 3 stairs, 12 s in all" in render_text(climbed, width=100, color=False)


def test_the_objective_is_told_from_the_other_thresholds():
    lines = render_text(sample.shop(), width=100, color=False).splitlines()
    assert [line.strip() for line in lines if "(the objective)" in line] == [
        "✗ 'p(95)<500' p(95)=2.31s  (the objective)"
    ]


@pytest.mark.parametrize("width", [80, 100])
def test_evidence_is_never_cut(width):
    evidence = {f"fact_number_{number}": number for number in range(20)}
    finding = msgspec.structs.replace(sample.findings()[2], evidence=evidence)
    text = render_text(msgspec.structs.replace(sample.shop(), findings=(finding,)), width=width, color=False)
    assert all(f"fact number {number} {number}" in " ".join(text.split()) for number in range(20))


def test_an_untrustworthy_generator_is_the_first_line():
    first = render_text(sample.untrustworthy(), width=200, color=False).splitlines()[0]
    assert first.startswith("NOT TRUSTWORTHY: this run was limited by the load generator: requests left up to 412 ms")


def test_an_interrupted_run_says_so_before_its_verdict():
    in_order(render_text(sample.interrupted(), width=100, color=False), "INTERRUPTED after 7.9 s", "NOT PROVEN:")


def test_an_endpoint_row_shows_both_loads_the_factor_and_where_the_time_went():
    text = render_text(sample.shop(), width=120, color=False)
    assert re.search(r"one polite user +40 req/s ~ 44 people", text)
    assert re.search(
        r"GET /api/orders +41\.2 ms +48\.9 ms +2310 ms +5\.6% +47x +pool_wait 1300 ms, loop_lag 118 ms", text
    )
    assert re.search(r"health probe /health +- +- +3\.9 ms +0% +- +says all is well while users fail", text)


def test_time_that_cannot_be_attributed_is_named():
    assert "unattributed 0.5 ms" in render_text(sample.healthy(), width=100, color=False)


def test_only_the_first_stair_that_did_not_hold_is_marked():
    text = render_text(sample.shop(), width=100, color=False)
    (marked,) = [line for line in text.splitlines() if "broke here" in line]
    assert marked.startswith("  20 req/s ~ 22 people")
    assert "held on every stair" in render_text(sample.healthy(), width=100, color=False)


def test_a_finding_takes_few_lines_and_names_its_place_evidence_and_fix():
    lines = render_text(sample.shop(), width=100, color=False).splitlines()
    start = next(index for index, line in enumerate(lines) if "n-plus-one: Every order" in line)
    finding = "\n".join(lines[start : start + 6])
    assert "shop/serializers.py:41 (OrderSerializer.customer_name) - 41% of GET /api/orders" in finding
    assert "SELECT customers.id, customers.name, customers.email FROM customers WHERE customers.id = $1" in finding
    assert "queries per request 101" in finding
    assert "fix: select(Order).options(selectinload(Order.customer))" in finding


def test_a_black_box_shows_what_a_client_sees_and_says_what_nobody_saw():
    text = render_text(sample.black_box(), width=100, color=False)
    assert "where the time went is not known" in text
    assert "No health check was probed." in text
    assert "FINDINGS" not in text
    assert "pool_wait" not in text


@pytest.mark.parametrize("name", sample.SAMPLES)
@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(name, width):
    for line in render_text(sample.SAMPLES[name](), width=width, color=False).splitlines():
        assert cell_len(line) <= width, line


@pytest.mark.parametrize("name", sample.SAMPLES)
def test_plain_text_has_no_escapes_no_trailing_blanks_and_the_same_words_as_colour(name):
    plain = render_text(sample.SAMPLES[name](), width=100, color=False)
    colored = render_text(sample.SAMPLES[name](), width=100, color=True)
    assert "\x1b" not in plain
    assert all(line == line.rstrip() for line in plain.splitlines())
    assert ANSI.sub("", colored) == plain
    assert ANSI.search(colored)


def test_the_environment_decides_nothing(monkeypatch):
    expected = render_text(sample.shop(), width=100, color=True)
    for name, value in {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "20", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert render_text(sample.shop(), width=100, color=True) == expected


def test_hostile_names_cannot_reach_the_terminal():
    text = ANSI.sub("", render_text(sample.hostile(), width=100, color=True))
    assert not set(text) & {"\x1b", "\x00", "\x07", "\u202e", "\udce9"}
    assert "[bold]markup[/bold] :smile:" in text
    text.encode("utf-8")


def test_quiet_is_the_verdict_and_the_run_file():
    assert render_quiet(sample.healthy()).splitlines() == [
        "READY FOR 40 req/s (about 44 people) within p(95)<500.",
        ".nineam/runs/2026-11-23T0900-shop.nineam",
    ]
    assert render_quiet(sample.untrustworthy()).startswith("NOT TRUSTWORTHY")
