"""Which indexes are worth building for a statement, and which are there already."""

import pytest

from nineam.indexes.candidates import candidates
from nineam.indexes.existing import related
from nineam.indexes.reading import read_query
from nineam.indexes.schema import ExistingIndex, Schema
from nineam.model.indexes import IndexPart


def wanted(owner, condition, distinct=None):
    use = read_query(f"SELECT note FROM orders {condition}", Schema(tables=(owner,)), "postgresql").uses[0]
    return [" ".join("-" * part.descending + part.text for part in parts) for parts in candidates(use, distinct or {})]


@pytest.fixture
def orders(table):
    """Make the table of orders with these indexes."""
    return lambda *indexes: table("orders", "customer_id status created_at note total", *indexes)


def test_equal_columns_stand_before_the_order_and_before_a_range(orders):
    found = wanted(orders(), "WHERE status = ? AND total > ? ORDER BY created_at LIMIT 20")
    assert found[0] == "status created_at"
    assert "status total" in found
    assert "status created_at total" in found
    assert not [each for each in found if each.startswith("total status")]


def test_the_more_selective_of_equal_columns_stands_first(orders):
    condition = "WHERE status = ? AND customer_id = ?"
    assert wanted(orders(), condition, {"status": 3, "customer_id": 500})[0] == "customer_id status"
    assert wanted(orders(), condition, {"status": 300, "customer_id": 5})[0] == "status customer_id"


def test_an_order_that_is_all_backwards_needs_no_descending_index_a_mixed_one_does(orders):
    assert wanted(orders(), "WHERE status = ? ORDER BY created_at DESC, total DESC")[0] == "status created_at total"
    assert wanted(orders(), "WHERE status = ? ORDER BY created_at DESC, total")[0] == "status -created_at total"


def test_a_key_that_only_orders_equals_is_left_out(orders):
    assert wanted(orders(), "WHERE status = ? ORDER BY created_at DESC, id")[0] == "status created_at"
    assert wanted(orders(), "WHERE status = ? ORDER BY id DESC")[0] == "status id"
    assert wanted(orders("status created_at"), "WHERE status = ? ORDER BY created_at DESC, id LIMIT ?") == []


@pytest.mark.parametrize(
    ("index", "condition"),
    [
        ("status", "WHERE status = ?"),
        ("status created_at total", "WHERE status = ? ORDER BY created_at LIMIT ?"),
        ("-status -created_at", "WHERE status = ? ORDER BY created_at LIMIT ?"),
        ("customer_id status", "WHERE customer_id = ?"),
    ],
)
def test_what_an_index_or_its_left_end_does_already_is_not_proposed(orders, index, condition):
    assert index.replace("-", "") not in wanted(orders(index), condition)
    assert "status" not in wanted(orders(index), condition)


def test_a_statement_that_a_key_answers_needs_nothing(orders):
    assert wanted(orders(), "WHERE id = ? AND status = ?") == []


def test_a_partial_index_covers_nothing(orders):
    partial = ExistingIndex(name="some", parts=(IndexPart(text="status"),), partial=True)
    owner = orders()
    owner = type(owner)(name="orders", rows=9, columns=owner.columns, indexes=(partial,))
    assert wanted(owner, "WHERE status = ?") == ["status"]


def test_an_order_alone_is_proposed_only_for_a_few_of_its_rows(orders):
    assert wanted(orders(), "ORDER BY created_at DESC LIMIT ?") == ["created_at"]
    assert wanted(orders(), "ORDER BY created_at DESC") == []


def test_a_function_of_a_column_is_indexed_itself(orders):
    assert wanted(orders("status"), "WHERE lower(status) = ?") == ['LOWER("status")']


@pytest.mark.parametrize(
    ("index", "condition", "reason"),
    [
        ("created_at status", "WHERE status = ?", "begins with created_at"),
        ("status", "WHERE lower(status) = ?", 'compares LOWER("status")'),
        ("status total", "WHERE status = ? ORDER BY created_at LIMIT ?", "ends before created_at"),
    ],
)
def test_an_index_that_looks_as_if_it_should_do_is_named_with_the_reason(orders, index, condition, reason):
    owner = orders(index)
    use = read_query(f"SELECT note FROM orders {condition}", Schema(tables=(owner,)), "postgresql").uses[0]
    found = related([use], candidates(use, {})[0])
    assert found is not None
    assert (found[0].name, reason in found[1]) == ("own0", True), found[1]


def test_the_key_is_no_wrong_index(orders):
    use = read_query("SELECT note FROM orders WHERE status = ? ORDER BY id", Schema(tables=(orders(),)), "sqlite").uses[
        0
    ]
    assert related([use], candidates(use, {})[0]) is None


def test_an_index_that_the_planner_took_is_the_wrong_one_though_it_shares_nothing(orders):
    owner = orders("created_at")
    text = "SELECT note FROM orders WHERE status = ? ORDER BY created_at LIMIT ?"
    use = read_query(text, Schema(tables=(owner,)), "sqlite").uses[0]
    alone = (IndexPart(text="status"),)
    for parts in (alone, (*alone, IndexPart(text="created_at"))):
        assert related([use], parts) is None
        found = related([use], parts, {"own0"})
        assert found is not None
        assert "the order of created_at alone; rows are read in it until enough of them fit" in found[1]


def test_a_reason_holds_for_every_statement_or_is_none(orders):
    owner = orders("created_at status")
    texts = ["WHERE status = ? AND total = ?", "WHERE status = ? AND created_at = ? AND total > ?"]
    schema = Schema(tables=(owner,))
    first, second = (read_query(f"SELECT note FROM orders {each}", schema, "sqlite").uses[0] for each in texts)
    parts = (IndexPart(text="status"), IndexPart(text="total"))
    assert related([first], parts)[1] == "it begins with created_at, by which the statement does not filter"
    assert related([second], parts)[1] == "it begins with created_at, not with status"
    assert related([first, second], parts)[1] == "it begins with created_at, not with status"
    alone = (IndexPart(text="total"),)
    assert related([first, second], alone, {"own0"}) is None
    other = orders("total")
    assert related([first.__class__(table=other, conditions=first.conditions)], parts) is None
