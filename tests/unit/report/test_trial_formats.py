"""What trials came to, in every format: the same facts, and nothing of an application's can harm a reader."""

import json
from xml.etree import ElementTree

import pytest

from nineam.model.run import Machine, Verdict
from nineam.model.trial import Course, Dependency, Second, TrialDocument, TrialResult
from nineam.report.trial_formats import FORMATS, render_text

HOSTILE = "\x1b[2J<script>@everyone #1 `x` |"
FAILED = TrialResult(
    name="surge",
    title="t",
    result="fail",
    sentence=f"it broke {HOSTILE}",
    value=1.25,
    threshold=3.0,
    unit="requests/s",
    recovered=False,
    evidence={"during": {"200": 3, "timeout": 4}, "last_words": HOSTILE},
    cause="everything is let in",
    fix="--limit-concurrency",
    attempts=2,
    seconds=12.5,
)


def document(*more):
    return TrialDocument(
        started="2026-01-05T09:00:00+00:00",
        seconds=60.0,
        machine=Machine(cores=2, python="3.12", os="Linux"),
        target={"command": "uvicorn shop:app"},
        verdict=Verdict(status="not-ready", sentence="NOT READY: surge"),
        trials=(FAILED, *more),
        not_tested=("hours of load",),
        dependencies=(Dependency(name="database", role="database", kind="postgresql", host="localhost", port=5432),),
        rate=20.0,
    )


def one(kind):
    return TrialResult(name=f"a-{kind}", title="t", result=kind, sentence="s")


@pytest.mark.parametrize("width", [60, 80, 110])
def test_the_text_names_evidence_cause_and_fix_within_its_width(width):
    text = render_text(document(one("pass")), width=width, color=False)
    assert max(len(line) for line in text.splitlines()) <= width
    flat = " ".join(text.split())
    for words in (
        "NOT READY",
        "failed twice",
        "1.25 requests/s, allowed 3",
        "200 3, timeout 4",
        "everything is let in",
    ):
        assert words in flat
    assert "fix: --limit-concurrency" in flat
    assert "hours of load" in flat


@pytest.mark.parametrize("name", FORMATS)
def test_no_control_character_gets_out(name):
    assert "\x1b" not in FORMATS[name](document()).replace("\\u001b", "")
    assert "\x1b" not in render_text(document(), width=80, color=False)


def test_markdown_mentions_and_embeds_nobody():
    text = FORMATS["markdown"](document())
    assert "<script>" not in text
    assert "@everyone" not in text


def test_the_page_escapes_everything_and_draws_each_second():
    seconds = (
        Second(s=-2, requests=20, ok=20),
        Second(s=-1, requests=20, ok=20, p95_ms=4.0),
        Second(s=0, requests=20, ok=10, p95_ms=3000.0),
    )
    course = Course(seconds=seconds, faults=((0.0, 1.0),))
    slow = TrialResult(name="slow", title="t", result="fail", sentence="s", course=course)
    page = FORMATS["html"](document(slow))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert page.count('class="ok"') == 3
    assert page.count('class="failed"') == 1
    assert page.count('class="broken"') == 1


def test_evidence_that_is_a_list_of_things_is_a_table_in_the_page():
    bodies = [{"what": f"192 MB {HOSTILE}", "mb_sent": 192.0, "died": False}, {"what": "chunks", "mb_sent": 1.5}]
    page = FORMATS["html"](
        document(TrialResult(name="b", title="t", result="fail", sentence="s", evidence={"bodies": bodies}))
    )
    assert '<th class="text">mb sent</th>' in page
    assert '<td class="text">192</td>' in page
    assert '<th class="text">died</th>' not in page
    assert "<script" not in page


def test_junit_has_a_case_for_each_trial_and_fails_only_what_failed():
    others = [one(kind) for kind in ("pass", "inconclusive", "not-run", "not-applicable")]
    (suite,) = ElementTree.fromstring(FORMATS["junit"](document(*others)))
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "skipped": "3",
    }
    assert [case.find("failure") is not None for case in suite] == [True, False, False, False, False]


def test_json_is_the_document():
    data = json.loads(FORMATS["json"](document()))
    assert data["schema"] == "nineam/trial/1"
    assert data["trials"][0]["evidence"]["during"] == {"200": 3, "timeout": 4}
    assert data["trials"][0]["recovered"] is False
