"""Whether requests that fail, or requests that wait, are what broke an application."""

import pytest
from builder import answers

from nineam.diagnose.diagnosis import diagnose

LAYERS = {"hydration": 42.0, "view": 60.0}


def broken(new_run, status, ms, *, failed=30, alone=0):
    """A run that breaks on its second stair, with an endpoint that builds many objects even alone."""
    run = new_run().source("endpoint", "GET /x", "app/views.py:5:x")
    alone_statuses = {status: alone, "200": 40 - alone} if alone else {"200": 40}
    run.localhost().endpoint("GET /x", LAYERS)
    run.clients(answers("GET /x", 40, 100.0, failed=alone, statuses=alone_statuses))
    run.monday(1, 20).endpoint("GET /x", LAYERS).clients(answers("GET /x", 40, 100.0))
    for number in (2, 3):
        run.monday(number, 40, held=False).endpoint("GET /x", LAYERS)
        run.clients(answers("GET /x", 40, ms, failed=failed, statuses={status: failed, "200": 40 - failed}))
    return diagnose(run.read())


def test_people_who_are_turned_away_are_the_reason_whatever_else_is_found(new_run):
    said = broken(new_run, "429", 900.0)
    assert [finding.code for finding in said.findings] == ["orm-hydration"]
    assert "75% of GET /x fail with 429: the application turns people away itself" in said.verdict.sentence
    assert said.story[0].startswith("What breaks is not time: at 40 requests/s 75% of GET /x fail with 429")


def test_quick_failures_are_the_reason_not_what_takes_time(new_run):
    said = broken(new_run, "500", 20.0)
    assert "75% of GET /x fail with 500" in said.verdict.sentence


@pytest.mark.parametrize(("status", "ms", "failed"), [("500", 900.0, 30), ("429", 900.0, 0)], ids=["slow", "none"])
def test_failures_that_come_with_waiting_leave_the_reason_to_the_findings(new_run, status, ms, failed):
    said = broken(new_run, status, ms, failed=failed)
    assert "orm-hydration in GET /x" in said.verdict.sentence


def test_an_application_that_refuses_every_request_may_go_by_a_name(new_run):
    said = broken(new_run, "400", 20.0, failed=40, alone=40)
    assert "ALLOWED_HOSTS" in said.verdict.sentence
    assert said.findings == ()
    assert "ALLOWED_HOSTS" not in broken(new_run, "404", 20.0, failed=40, alone=40).verdict.sentence


def hashing(new_run, template_ms):
    """A run in which logging in is what grows, while a page is rendered slowly at any load."""
    run = new_run().source("endpoint", "GET /p", "app/views.py:5:page")
    page = {"template": template_ms, "view": 10.0}
    run.localhost().endpoint("GET /p", page).endpoint("POST /login", {"password_hash": 60.0})
    run.clients(answers("GET /p", 40, 100.0), answers("POST /login", 40, 60.0))
    for number in (1, 2):
        run.monday(number, 40, held=False).clients(answers("GET /p", 40, 900.0), answers("POST /login", 40, 900.0))
        for second in range(4):
            run.endpoint("GET /p", page, second=second)
            run.endpoint("POST /login", {"password_hash": 700.0}, second=second)
    return diagnose(run.read()).verdict.sentence


@pytest.mark.parametrize("template_ms", [40.0, 1.0], ids=["a finding elsewhere", "no finding"])
def test_work_that_surely_is_behind_the_growth_is_the_reason_though_no_finding_speaks_of_it(new_run, template_ms):
    assert "already: hashing passwords in POST /login." in hashing(new_run, template_ms)
