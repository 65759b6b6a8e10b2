"""JSON and its schema, Markdown, JUnit and the registry of formats."""

import json
import re
from xml.etree import ElementTree

import jsonschema
import msgspec
import pytest
import sample

from nineam.errors import UsageError
from nineam.model import RunDocument, Verdict
from nineam.report.data import render_json
from nineam.report.formats import FORMATS, find_format
from nineam.report.junit import render_junit
from nineam.report.markdown import render_markdown
from nineam.report.schema import run_schema


def reject(constant):
    raise AssertionError(constant)


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(run_schema())


@pytest.mark.parametrize("name", [name for name in sample.SAMPLES if name != "hostile"])
def test_the_json_of_every_sample_satisfies_the_schema_and_reads_back_as_the_same_run(name):
    document = sample.SAMPLES[name]()
    text = render_json(document)
    jsonschema.validate(json.loads(text), run_schema(), cls=jsonschema.Draft202012Validator)
    assert msgspec.json.decode(text, type=RunDocument) == document


def test_the_schema_rejects_another_schema_and_a_missing_key():
    value = json.loads(render_json(sample.shop()))
    for broken in (value | {"schema": "nineam/run/9"}, {key: item for key, item in value.items() if key != "verdict"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, run_schema())


def test_keys_may_be_added_to_a_run():
    jsonschema.validate(json.loads(render_json(sample.shop())) | {"new": 1}, run_schema())


def test_json_has_no_nan_no_infinity_and_no_lone_surrogate():
    text = render_json(sample.hostile())
    value = json.loads(text, parse_constant=reject)
    assert value["thresholds"][0]["value"] is None
    assert value["findings"][0]["evidence"]["broken"] is None
    text.encode("utf-8")
    assert text.startswith('{\n  "schema": "nineam/run/1"')
    assert text.endswith("}\n")


def test_markdown_has_verdict_table_and_findings():
    text = render_markdown(sample.shop())
    assert text.startswith("## NOT READY for 40 req/s")
    assert r"| GET /api/orders | 41.2 ms | 48.9 ms | 2310 ms | 5.6% | 47x | pool\_wait 1300 ms" in text
    assert "**Every order loads its customer on its own** (n-plus-one)" in text
    assert "```sql\nSELECT customers.id" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {8}


def test_markdown_of_hostile_names_has_no_html_and_closed_fences():
    text = render_markdown(sample.hostile())
    outside = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.S | re.M)
    assert "<script" not in outside
    assert "<img" not in outside
    assert "\u202e" not in text
    text.encode("utf-8")


def test_a_markdown_name_can_neither_mention_nor_link():
    document = msgspec.structs.replace(sample.shop(), notices=("@everyone see #12 and http://example.org",))
    text = render_markdown(document)
    assert "@everyone" not in text
    assert "#12" not in text
    assert "http://" not in text


def test_markdown_of_a_very_large_run_fits_a_pull_request_comment():
    findings = tuple(msgspec.structs.replace(sample.findings()[0], statement=sample.LONG_SQL) for _ in range(100))
    assert len(render_markdown(msgspec.structs.replace(sample.shop(), findings=findings))) < 65_536


def test_a_fence_in_a_fix_cannot_close_its_block():
    finding = msgspec.structs.replace(sample.findings()[0], fix="```\n<b>out</b>\n````")
    text = render_markdown(msgspec.structs.replace(sample.shop(), findings=(finding,)))
    assert "`````\n```\n<b>out</b>\n````\n`````" in text


@pytest.mark.parametrize("name", sample.SAMPLES)
def test_junit_is_well_formed_and_its_counts_are_true(name):
    root = ElementTree.fromstring(render_junit(sample.SAMPLES[name]()))
    assert int(root.get("tests")) == len(root.findall(".//testcase"))
    assert int(root.get("failures")) == len(root.findall(".//failure"))
    assert int(root.get("errors")) == len(root.findall(".//error"))


def test_junit_fails_crossed_thresholds_and_failed_checks_and_nothing_else():
    root = ElementTree.fromstring(render_junit(sample.shop()))
    failed = [case.get("name") for case in root.findall(".//testcase[failure]")]
    assert failed == [
        "http_req_duration: p(95)<500",
        "http_req_failed: rate<0.01",
        "status is 200",
        "response time under 500ms",
    ]


@pytest.mark.parametrize("status", ["ready", "not-ready", "not-proven"])
def test_junit_findings_are_skipped_cases_that_tell_what_to_change_whatever_the_verdict(status):
    verdict = Verdict(status=status, sentence="")
    document = msgspec.structs.replace(sample.healthy(), findings=sample.findings(), verdict=verdict)
    root = ElementTree.fromstring(render_junit(document))
    assert root.get("failures") == "0"
    assert root.get("skipped") == str(len(sample.findings()))
    (case,) = root.findall(".//testcase[@name='n-plus-one GET /api/orders shop/serializers.py:41']")
    assert case.find("skipped").get("message") == "Every order loads its customer on its own"
    assert "selectinload" in case.find("skipped").text


def test_a_run_the_generator_limited_is_an_error_in_junit():
    root = ElementTree.fromstring(render_junit(sample.untrustworthy()))
    assert "NOT TRUSTWORTHY" in root.find(".//error").get("message")


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("name", sample.SAMPLES)
def test_every_format_renders_every_sample_the_same_way_twice(entry, name):
    text = entry.render(sample.SAMPLES[name]())
    assert text == entry.render(sample.SAMPLES[name]())
    text.encode("utf-8")


def test_an_unknown_format_names_the_nearest():
    assert find_format("html").extension == "html"
    with pytest.raises(UsageError) as raised:
        find_format("htm")
    assert "html" in raised.value.hint
