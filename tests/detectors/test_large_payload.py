"""Answers that are larger than anybody reads."""

import pytest
from builder import Spot, answers

from nineam.diagnose.detectors import large_payload

SITE = "app/views.py:40:everything"
MADE = {"view": 5.0, "db_fetch": 8.0, "hydration": 10.0, "serializer": 12.0, "response": 3.0}


def answering(new_run, size, layers=None, name="GET /all/7"):
    run = new_run().source("endpoint", "GET /all/{id}", "app/views.py:9:all")
    spots = (Spot("serializer", 12.0, SITE),) if "serializer" in (layers or MADE) else ()
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint("GET /all/{id}", layers or MADE, spots=spots).clients(answers(name, each=size))
    return run.findings(large_payload)


def test_large_answers_that_take_work_fire_where_they_are_serialized(new_run):
    (finding,) = answering(new_run, 900_000)
    assert (finding.code, finding.endpoint, finding.where) == ("large-payload", "GET /all/{id}", "app/views.py:40")
    assert finding.evidence == {"kilobytes": 900.0, "making_ms": 30.0}
    assert finding.ms_per_request == pytest.approx(33.0)
    assert finding.share == pytest.approx(33 / 38)


def test_a_large_page_fires_at_its_endpoint(new_run):
    (finding,) = answering(new_run, 400_000, {"view": 5.0, "template": 40.0})
    assert (finding.where, finding.function) == ("app/views.py:9", "all")


@pytest.mark.parametrize(
    ("size", "layers"),
    [
        (290_000, MADE),
        (5_000_000, {"view": 2.0, "response": 60.0}),
        (900_000, {"view": 2.0, "serializer": 9.0}),
        (900_000, {"view": 300.0, "serializer": 12.0}),
    ],
    ids=["not quite", "a file that is passed on", "made quickly", "a small part of it"],
)
def test_answers_that_are_not_too_large_or_not_what_costs_do_not_fire(new_run, size, layers):
    assert answering(new_run, size, layers) == []


def test_without_answers_there_is_nothing_to_say(new_run):
    run = new_run().localhost().endpoint("GET /x", MADE).clients(answers("GET /x", 0))
    assert run.findings(large_payload) == []
