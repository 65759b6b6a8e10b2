"""What hostile requests came to, in every format: the same facts, and nothing of an application's can harm a reader."""

import json
from xml.etree import ElementTree

import pytest

from nineam.model import Chunk, Payload
from nineam.model.payloads import Beside, Broken, PayloadsDocument, Wavering
from nineam.model.run import Verdict
from nineam.report.payload_formats import FORMATS

HOSTILE = "\x1b[2J</script><script>alert(1)</script>@everyone #1 `x` | \u202e ]]>"
SMALLEST = Payload(
    id="1", endpoint="GET /x", part="query", what="w", method="GET", path="/x", body=(Chunk(b"\xff\x00", 3),)
)
FENCE = "```"
BESIDE = Beside(
    rate=50.0,
    share=0.1,
    requests=500,
    hostile=55,
    p95_ms_without=4.0,
    p95_ms_with=9.0,
    failed_without=0.0,
    failed_with=0.2,
    trustworthy=True,
)


def broken(**changes):
    usual = {
        "endpoint": f"GET /items/{HOSTILE}",
        "what": f"wrong {HOSTILE}",
        "part": "query",
        "origin": "built-in",
        "payload": "0001",
        "status": 500,
        "answer": "500",
        "died": False,
        "requests": 3,
        "reproduced": 2,
        "tries": 2,
        "under_load": False,
        "reduced": True,
        "exception": f"ValueError: {HOSTILE}",
        "where": f"shop{HOSTILE}.py:8",
        "function": "items",
        "smallest": SMALLEST,
        "curl": f"curl -i 'http://127.0.0.1:1/x?{FENCE}{HOSTILE}'",
        "test": "test_1",
    }
    return Broken(**(usual | changes))


def document(*failures, **changes):
    usual = {
        "verdict": Verdict(status="not-ready", sentence=f"NOT READY {HOSTILE}"),
        "base_url": "http://127.0.0.1:1",
        "seed": 1,
        "file": ".nineam/payloads-1.json",
        "endpoints": (f"GET /items/{HOSTILE}", "GET /plain"),
        "origins": {"built-in": 10},
        "sent": 10,
        "failed": 4,
        "failures": failures or (broken(),),
        "unsteady": (Wavering(endpoint="GET /plain", what=HOSTILE, answer="500"),),
        "broken_anyhow": (f"GET /broken{HOSTILE}",),
        "refused": {f"GET /private{HOSTILE}": 401},
        "not_sent": (HOSTILE,),
        "notices": (HOSTILE,),
        "beside_load": BESIDE,
        "started": "2026-01-05T09:00:00+00:00",
        "seconds": 3.5,
        "command": f"uvicorn {HOSTILE}",
    }
    return PayloadsDocument(**(usual | changes))


@pytest.mark.parametrize("name", FORMATS)
def test_no_control_character_gets_out(name):
    text = FORMATS[name](document())
    assert "\x1b" not in text
    assert name == "json" or "\u202e" not in text


def test_markdown_mentions_embeds_and_leaves_its_fences_to_nobody():
    text = FORMATS["markdown"](document())
    before, opening, rest = text.partition("\n````sh\n")
    inside, closing, after = rest.partition("\n````\n")
    assert opening
    assert closing
    assert FENCE in inside
    for outside in (before, after):
        assert "<script>" not in outside
        assert "@everyone" not in outside
    assert "--replay .nineam/payloads-1.json" in text


def test_the_page_escapes_everything_and_asks_for_nothing():
    page = FORMATS["html"](document())
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 10
    assert 'src="' not in page
    assert 'href="' not in page
    assert page.count('<article class="finding"') == 1


def test_a_page_of_many_failures_ends_somewhere_and_says_so():
    page = FORMATS["html"](document(*(broken() for _ in range(130))))
    assert page.count('<article class="finding"') == 100
    assert "And 30 more" in page


def test_junit_has_a_case_for_each_failure_and_each_endpoint():
    (suite,) = ElementTree.fromstring(FORMATS["junit"](document(broken(), broken())))
    # both failures; the endpoint that stood; broken, refused, unsteady and unsent ones; the ordinary requests
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "8",
        "failures": "3",
        "skipped": "4",
    }
    failure = suite[0].find("failure")
    assert "500" in failure.get("message")
    assert "curl -i" in failure.text
    assert [case.get("name") for case in suite if not len(case)] == ["GET /plain"]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_sent_is_no_success(name):
    verdict = Verdict(status="not-proven", sentence="NOT PROVEN: no hostile request was sent")
    empty = PayloadsDocument(verdict=verdict, base_url="http://127.0.0.1:1", seed=1)
    text = FORMATS[name](empty)
    assert "NOT PROVEN" in text or name == "junit"
    if name == "junit":
        (suite,) = ElementTree.fromstring(text)
        assert (suite.get("tests"), suite.get("skipped")) == ("1", "1")


def test_json_is_the_document():
    data = json.loads(FORMATS["json"](document()))
    assert data["schema"] == "nineam/payloads/1"
    assert data["set"] == ".nineam/payloads-1.json"
    assert data["failures"][0]["smallest"]["path"] == "/x"
    assert data["beside_load"]["hostile"] == 55
    assert list(data["refused"].values()) == [401]
