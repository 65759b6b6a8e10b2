"""The same query once per row."""

import pytest
from builder import Query

from nineam.diagnose.detectors import n_plus_one

LIST = Query(runs=1, distinct=1, statement="SELECT * FROM orders", site="app/views.py:8:orders")
DATABASE = {"view": 5.0, "orm": 10.0, "db_execute": 30.0, "hydration": 5.0}


def findings(new_run, *queries, layers=None):
    layers = layers or DATABASE
    run = new_run().localhost().endpoint("GET /orders", layers, queries=queries)
    return run.monday(1, 10, held=False).endpoint("GET /orders", layers, queries=queries).findings(n_plus_one)


def test_twenty_runs_with_parameters_of_their_own_fire_at_their_line(new_run):
    lazy = Query(runs=20, distinct=20, relation="Order.items", site="app/views.py:12:serialize")
    (finding,) = findings(new_run, LIST, lazy)
    assert (finding.code, finding.endpoint) == ("n-plus-one", "GET /orders")
    assert (finding.where, finding.function) == ("app/views.py:12", "serialize")
    assert finding.relationship == "Order.items"
    assert "selectinload(Order.items)" in finding.fix
    assert finding.evidence["queries_per_request"] == 20.0
    assert finding.evidence["of_queries_per_request"] == 21.0
    assert 0 < finding.share <= 1


def test_a_loop_of_single_gets_fires_without_a_relationship(new_run):
    (finding,) = findings(new_run, LIST, Query(runs=20, distinct=20))
    assert finding.relationship == ""
    assert "IN" in finding.fix


def test_two_lines_of_one_function_are_one_finding_that_names_both(new_run):
    lines = [
        Query(runs=20, distinct=20, site=f"app/views.py:{line}:orders", statement=f"SELECT {line}") for line in (3, 4)
    ]
    (finding,) = findings(new_run, *lines)
    assert finding.evidence["lines"] == ["app/views.py:3", "app/views.py:4"]


def test_two_functions_are_two_findings(new_run):
    lines = [Query(runs=20, distinct=20, site=f"app/views.py:3:{name}", statement=name) for name in ("one", "two")]
    assert {finding.function for finding in findings(new_run, *lines)} == {"one", "two"}


def test_twenty_runs_with_the_same_parameters_are_something_else(new_run):
    assert findings(new_run, LIST, Query(runs=20, distinct=1)) == []


def test_a_prefetch_in_two_batches_does_not_fire(new_run):
    assert findings(new_run, LIST, Query(runs=2, distinct=2, statement="SELECT ... WHERE id IN (?, ...)")) == []


def test_four_loads_are_not_yet_a_pattern(new_run):
    assert findings(new_run, LIST, Query(runs=4, distinct=4)) == []


def test_six_runs_that_cost_next_to_nothing_do_not_fire(new_run):
    layers = {"view": 99.9, "db_execute": 0.1}
    assert findings(new_run, Query(runs=6, distinct=6, ms=0.1), layers=layers) == []


def test_one_slow_statement_beside_many_quick_ones_is_not_counted_among_their_cost(new_run):
    slow = LIST._replace(ms=30.0)
    lazy = Query(runs=15, distinct=15, relation="Order.items", ms=0.3)
    (finding,) = findings(new_run, slow, lazy, layers={"view": 5.0, "orm": 8.0, "db_execute": 30.3})
    assert finding.evidence["localhost_ms"] == finding.ms_per_request == pytest.approx(0.3 + 8 * 15 / 16, abs=0.01)


def test_repeated_statements_that_are_slow_cost_more_than_their_number(new_run):
    loop = Query(runs=10, distinct=10, ms=25.0)
    many = Query(runs=30, distinct=1, ms=1.0, statement="SELECT now()")
    (finding,) = findings(new_run, loop, many, layers={"view": 5.0, "db_execute": 26.0})
    assert finding.ms_per_request == pytest.approx(25.0)


def test_without_a_line_of_the_application_the_endpoint_s_own_place_is_named(new_run):
    query = Query(runs=20, distinct=20, site="")
    run = new_run().source("endpoint", "GET /orders", "app/views.py:5:orders")
    run.localhost().endpoint("GET /orders", DATABASE, queries=(query,))
    run.monday(1, 10, held=False).endpoint("GET /orders", DATABASE, queries=(query,))
    (finding,) = run.findings(n_plus_one)
    assert (finding.where, finding.function) == ("app/views.py:5", "orders")


def test_a_run_without_monday_has_no_findings(new_run):
    assert new_run().localhost().findings(n_plus_one) == []
