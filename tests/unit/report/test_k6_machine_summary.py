"""The machine-readable summary is k6's schema 1.0.0, key for key, with our own keys beside it."""

import json

import jsonschema
import msgspec
import pytest
import sample

from nineam.report.k6_machine import render_k6_machine

NUMBER = {"type": "number"}
COUNT = {"type": "integer", "minimum": 0}


def record(required, **optional):
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


VALUES = {
    "counter": record({"count": {"type": "number", "minimum": 0}}),
    "gauge": record({"value": NUMBER, "min": NUMBER, "max": NUMBER}),
    "rate": record({"matches": COUNT, "total": COUNT, "rate": {"type": "number", "minimum": 0, "maximum": 1}}),
    "trend": record(dict.fromkeys(("avg", "min", "med", "max", "p(90)", "p(95)"), NUMBER)),
}
METRIC = {
    "oneOf": [
        record(
            {
                "name": {"type": "string"},
                "type": {"const": kind},
                "contains": {"enum": ["default", "time", "data"]},
                "values": values,
            }
        )
        for kind, values in VALUES.items()
    ]
}
CHECK = record({"name": {"type": "string"}, "passes": COUNT, "fails": COUNT})
CHECKS = record({"metrics": {"type": "array", "items": METRIC}, "results": {"type": "array", "items": CHECK}})
SCHEMA = record(
    {
        "version": {"const": "1.0.0"},
        "config": record({"execution": {"enum": ["local", "cloud"]}, "script": {"type": "string"}, "duration": NUMBER}),
        "metadata": record({"k6Version": {"type": "string"}, "generatedAt": {"type": "string"}}),
        "results": record({"checks": CHECKS, "metrics": {"type": "array", "items": METRIC}}),
    }
)


@pytest.mark.parametrize("name", [name for name in sample.SAMPLES if name != "hostile"])
def test_every_sample_satisfies_k6_s_schema(name):
    jsonschema.validate(json.loads(render_k6_machine(sample.SAMPLES[name]())), SCHEMA)


def test_the_numbers_are_those_of_the_document():
    summary = json.loads(render_k6_machine(sample.shop()))
    metrics = {metric["name"]: metric for metric in summary["results"]["metrics"]}
    assert metrics["http_reqs"]["values"] == {"count": 2514}
    assert metrics["http_req_failed"]["values"] == {"matches": 78, "rate": 0.031, "total": 2514}
    assert metrics["http_req_duration"]["values"]["p(95)"] == 2314.72
    assert summary["config"]["duration"] == 30.0
    totals = {metric["name"]: metric["values"] for metric in summary["results"]["checks"]["metrics"]}
    assert list(totals) == ["checks_total", "checks_failed", "checks_succeeded"]
    assert totals["checks_total"] == {"count": 5340}
    assert totals["checks_failed"]["matches"] == 890
    assert summary["results"]["checks"]["results"][0] == {"name": "status is 200", "passes": 2436, "fails": 78}


def test_what_the_schema_has_no_place_for_stands_beside_it():
    results = json.loads(render_k6_machine(sample.shop()))["results"]
    trend = next(metric for metric in results["metrics"] if metric["name"] == "http_req_duration")
    assert trend["values"]["p(99)"] == 3120.4
    assert results["thresholds"][0] == {
        "metric": "http_req_duration",
        "source": "p(95)<500",
        "ok": False,
        "value": 2314.72,
    }
    orders = next(row for row in results["endpoints"] if row["name"] == "GET /api/orders")
    assert (orders["requests"], orders["p99_ms"]) == (911, 3120.0)


def test_the_end_of_the_run_is_when_it_was_generated():
    document = msgspec.structs.replace(sample.shop(), seconds=60.0)
    assert json.loads(render_k6_machine(document))["metadata"]["generatedAt"] == "2026-11-23T09:01:00Z"
