"""More is read than the answer can contain, and lists, pages and exports that are shown are left alone."""

import pytest
from builder import Query, answers

from nineam.diagnose.detectors import (
    duplicate_query,
    large_payload,
    n_plus_one,
    orm_hydration,
    over_fetching,
    slow_query,
)
from nineam.diagnose.diagnosis import diagnose
from nineam.diagnose.fetched import qualified

ALL = "SELECT orders.id, orders.status, orders.note FROM orders"
SITE = "app/views.py:10:orders"
LAYERS = {"view": 5.0, "db_execute": 1.0, "db_fetch": 8.0, "hydration": 20.0}
TABLE = Query(1, 1, ALL, SITE, ms=1.0, rows=2000, fetch_ms=8.0)


def reading(new_run, *queries, each=180, layers=None, hooks=(), columns=None, endpoint="GET /orders/count", **answered):
    run = new_run()
    for hook in hooks:
        run._writer.insert("hook", [(hook, "active")])
    for statement, sizes in (columns or {}).items():
        run.columns(statement, 10, **sizes)
    for begin in (run.localhost, lambda: run.monday(1, 10, held=False)):
        begin().endpoint(endpoint, layers or LAYERS, queries=queries or (TABLE,))
        run.clients(answers(endpoint, each=each, **answered))
    return run


def found(*args, **more):
    return reading(*args, **more).findings(over_fetching)


def test_a_table_that_is_read_to_be_counted_fires_at_its_line(new_run):
    (finding,) = found(new_run)
    assert (finding.code, finding.endpoint, finding.where) == ("over-fetching", "GET /orders/count", "app/views.py:10")
    assert finding.title == "2,000 rows are fetched for an answer of 180 bytes"
    assert finding.evidence == {"rows_fetched": 2000.0, "answer_bytes": 180, "fetching_ms": 28.0}
    assert finding.ms_per_request == pytest.approx(28.0)
    assert "count(*)" in finding.fix
    assert finding.statement == ALL


def test_what_is_shown_of_many_rows_decides_the_fix(new_run):
    (finding,) = found(new_run, each=2_000, hooks=["django.db.models.query"])
    assert "LIMIT" in finding.fix
    (finding,) = found(new_run, hooks=["django.db.models.query"])
    assert "`.count()`" in finding.fix


def test_a_part_of_the_rows_has_a_part_of_the_cost(new_run):
    other = Query(1, 1, "SELECT id FROM item", "app/views.py:20:orders", rows=6000, fetch_ms=1.0)
    finding = next(each for each in found(new_run, TABLE, other) if each.statement == ALL)
    assert finding.ms_per_request == pytest.approx(28.0 / 4)


SILENT = {
    "a list that is answered": {"each": 40_000, "queries": [TABLE._replace(rows=200)]},
    "few rows": {"queries": [TABLE._replace(rows=199)]},
    "an aggregate over few rows": {"queries": [TABLE._replace(rows=12)], "each": 160},
    "a compressed list": {"each": 4_500, "packed": True},
    "read quickly": {"layers": {"view": 5.0, "db_execute": 1.0, "db_fetch": 2.0, "hydration": 2.5}},
    "a small part of it": {"layers": LAYERS | {"view": 300.0}},
    "an export": {"each": 250_000},
    "a page that is cached": {"queries": [TABLE._replace(rows=100, runs=0.05)]},
    "not modified": {"statuses": {"200": 1, "304": 39}},
    "sent elsewhere": {"statuses": {"303": 40}},
    "rows that nobody counted": {"queries": [TABLE._replace(rows=0)]},
    "another one's failure": {"failed": 30},
    "no answers": {"requests": 0},
    "only its head": {"endpoint": "HEAD /orders/count"},
}


@pytest.mark.parametrize("case", SILENT)
def test_near_misses_do_not_fire(new_run, case):
    changes = dict(SILENT[case])
    assert found(new_run, *changes.pop("queries", ()), **changes) == []


def test_a_compressed_answer_that_is_small_all_the_same_fires(new_run):
    (finding,) = found(new_run, each=180, packed=True)
    assert finding.evidence["answer_bytes"] == 1800


def test_what_is_read_to_be_changed_does_not_fire_and_what_is_asked_by_post_does(new_run):
    writes = Query(1, 1, "UPDATE orders SET status = ?", SITE)
    assert found(new_run, TABLE, writes, endpoint="POST /orders/close") == []
    assert len(found(new_run, TABLE, endpoint="POST /search")) == 1
    assert len(found(new_run, TABLE, writes, endpoint="GET /orders")) == 1


def test_statements_that_one_request_repeats_are_told_by_others(new_run):
    each = TABLE._replace(runs=250, distinct=250, rows=2000)
    run = reading(new_run, each)
    assert run.findings(over_fetching) == []
    assert [finding.code for finding in n_plus_one.detect(reading(new_run, each).picture())] == ["n-plus-one"]
    again = TABLE._replace(runs=10, distinct=1, ms=10)
    assert [finding.code for finding in duplicate_query.detect(reading(new_run, again).picture())]
    assert found(new_run, again) == []


PRODUCTS = (
    "SELECT products.id, products.name AS products_name, products.description AS products_description FROM products"
)
WIDE = {PRODUCTS: {"id": 8, "products_name": 20, "products_description": 4_000}}
PAGE = Query(1, 1, PRODUCTS, SITE, ms=4.0, rows=100, fetch_ms=3.0)
PAGED = {"view": 5.0, "db_execute": 4.0, "db_fetch": 3.0, "hydration": 2.0}


def test_wide_columns_that_cannot_be_in_the_answer_are_named(new_run):
    (finding,) = found(new_run, PAGE, layers=PAGED, columns=WIDE, each=8_000, hooks=["sqlalchemy.orm.loading"])
    assert finding.title == "403 kB are fetched for an answer of 8.0 kB, 99% of it products.description"
    assert finding.evidence["widest"] == ["products.description 99%"]
    assert finding.evidence["kilobytes_fetched"] == 402.8
    assert "load_only" in finding.fix
    assert "description" in finding.fix


@pytest.mark.parametrize(
    "changes",
    [
        {"each": 90_000},
        {"each": 8_000, "packed": True},
        {"each": 8_000, "columns": {PRODUCTS: {"id": 8, "products_name": 20}}},
        {"each": 8_000, "columns": {}},
        {"each": 8_000, "layers": {"view": 500.0, "db_execute": 1.0, "db_fetch": 0.5}},
    ],
    ids=["articles shown in whole", "compressed", "narrow rows", "never looked at", "next to nothing"],
)
def test_pages_whose_columns_are_shown_or_cost_nothing_do_not_fire(new_run, changes):
    assert found(new_run, PAGE, **({"layers": PAGED, "columns": WIDE} | changes)) == []


def test_over_a_network_wide_rows_take_their_time_while_executing(new_run):
    layers = {"view": 5.0, "db_execute": 9.0, "db_fetch": 0.1}
    query = PAGE._replace(ms=9.0, fetch_ms=0.1)
    assert len(found(new_run, query, layers=layers, columns=WIDE, each=8_000)) == 1


def codes(run):
    return {finding.code for finding in diagnose(run.read()).findings}


def test_it_stands_for_other_plans_where_fewer_rows_are_what_helps(new_run):
    slow = TABLE._replace(fetch_ms=30.0)
    layers = LAYERS | {"db_fetch": 30.0}
    told = codes(reading(new_run, slow, layers=layers))
    assert over_fetching.CODE in told
    assert slow_query.CODE not in told
    shown = codes(reading(new_run, slow, layers=layers, each=40_000))
    assert {orm_hydration.CODE, slow_query.CODE} <= shown
    assert over_fetching.CODE not in shown


def test_objects_that_are_dear_and_too_many_are_told_as_both_and_what_buys_more_comes_first(new_run):
    """Rows that are counted in Python: without them there is no fetching either, and no object to build."""
    first, second = diagnose(reading(new_run, TABLE).read()).findings
    assert (first.code, second.code) == (over_fetching.CODE, orm_hydration.CODE)
    assert (first.statement, first.where) == (second.statement, second.where)
    assert first.ms_per_request == pytest.approx(28.0)
    assert second.ms_per_request == pytest.approx(20.0)
    assert "over-fetching" in second.fix


@pytest.mark.parametrize(
    ("layers", "each", "told"),
    [
        (LAYERS | {"hydration": 4.0}, 180, {over_fetching.CODE}),
        (LAYERS | {"hydration": 9.0, "view": 20.0}, 180, {over_fetching.CODE}),
        (LAYERS, 40_000, {orm_hydration.CODE}),
    ],
    ids=["objects cost little", "a small part", "all that is built is shown"],
)
def test_where_one_of_them_holds_the_other_is_not_told(new_run, layers, each, told):
    run = reading(new_run, TABLE, layers=layers, each=each)
    assert codes(run) == told


def test_dear_objects_of_other_rows_than_those_too_many_keep_their_own_fix(new_run):
    few = Query(1, 1, "SELECT * FROM item", "app/views.py:20:orders", rows=300, fetch_ms=1.0)
    both = (TABLE._replace(rows=250, fetch_ms=8.0), few)
    (objects,) = reading(new_run, *both, each=740).findings(orm_hydration)
    assert objects.statement == few.statement
    assert "over-fetching" in objects.fix
    (objects,) = reading(new_run, *both, each=760).findings(orm_hydration)
    assert "over-fetching" not in objects.fix


def test_a_statement_that_is_slow_before_its_first_row_stays_slow(new_run):
    run = reading(new_run, TABLE._replace(ms=60.0), layers=LAYERS | {"db_execute": 60.0})
    assert {over_fetching.CODE, slow_query.CODE} <= codes(run)


def test_large_answers_are_told_as_such(new_run):
    layers = LAYERS | {"serializer": 20.0}
    many = TABLE._replace(rows=400_000)
    told = codes(reading(new_run, many, layers=layers, each=600_000))
    assert large_payload.CODE in told
    assert over_fetching.CODE not in told


@pytest.mark.parametrize(
    ("statement", "column", "named"),
    [
        ('SELECT "shop_product"."id", "shop_product"."body" FROM "shop_product"', "body", "shop_product.body"),
        ("SELECT `p`.`body` FROM product p", "body", "p.body"),
        ("SELECT a.body, b.body FROM a, b", "body", "body"),
        ("SELECT * FROM product", "body", "body"),
        ("SELECT product.body_html FROM product", "body", "body"),
        ("SELECT product.body AS body_1 FROM product", "body_1", "product.body"),
        ("SELECT count(*)", "count(*)", "count(*)"),
    ],
)
def test_columns_are_named_with_their_tables_where_the_statement_says(statement, column, named):
    assert qualified(statement, column) == named


ROWS = [1_000, 10_000, 100_000]
FACTS = {
    "database": "sqlite", "variable": "DATABASE_URL", "rows": ROWS, "tables": {"orders": [1_000, 100_000]},
    "proven": True, "proof": "its file was read", "problem": "",
}  # fmt: skip


def growing(new_run, fetched, sizes, proven=True):
    """A run with clones, on which an endpoint fetches so many rows for answers of so many bytes."""
    run = new_run(grown=FACTS | {"proven": proven})
    for number, (rows, size) in enumerate(zip(fetched, sizes, strict=True)):
        run = run.phase("grown", stair=number, users=1) if number else run.localhost()
        ms = rows / 100
        query = TABLE._replace(rows=rows, fetch_ms=ms)
        run.endpoint("GET /n", {"view": 5.0, "db_execute": 1.0, "db_fetch": ms, "hydration": ms}, queries=(query,))
        run.clients(answers("GET /n", each=size, ms=6 + 2 * ms))
        if not number:
            run.monday(1, 5.0).clients(answers("GET /n"))
    return [finding for finding in diagnose(run.read()).findings if finding.statement == ALL]


def test_rows_that_grow_while_the_answer_does_not_are_told_with_both(new_run):
    (finding,) = growing(new_run, (50, 500, 5_000), (160, 161, 162))
    assert finding.code == "over-fetching"
    assert finding.title == "with 100,000 rows 5,000 rows are fetched for an answer of 162 bytes, 50 with 1,000"
    assert finding.confidence == 0.95
    expected = {"rows_fetched": 50, "grown_rows_fetched": 5000, "answer_bytes": 160, "grown_answer_bytes": 162}
    assert expected.items() <= finding.evidence.items()


def test_what_shows_without_the_data_gets_the_growth_as_evidence(new_run):
    finding, objects = growing(new_run, (1_000, 10_000, 100_000), (160, 161, 162))
    assert objects.code == orm_hydration.CODE
    assert (finding.title, finding.confidence) == ("1,000 rows are fetched for an answer of 160 bytes", 0.95)
    assert finding.evidence["grown_rows_fetched"] == 100_000


@pytest.mark.parametrize(
    ("fetched", "sizes", "proven"),
    [((50, 500, 5_000), (4_000, 40_000, 400_000), True), ((50, 50, 50), (160, 160, 160), True),
     ((50, 500, 5_000), (160, 161, 162), False)],
    ids=["a list that grows", "a page", "not proven"],
)  # fmt: skip
def test_answers_that_grow_and_clones_that_nobody_used_do_not_fire(new_run, fetched, sizes, proven):
    assert [each.code for each in growing(new_run, fetched, sizes, proven) if each.code == "over-fetching"] == []
