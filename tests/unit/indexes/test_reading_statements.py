"""What is read of a statement that a run has kept: conditions, order, and what its holes stand for."""

import pytest

from nineam.indexes.holes import take_apart
from nineam.indexes.query import Unreadable
from nineam.indexes.reading import read_query


def asked(query, use=0):
    return [(each.kind, each.part.text) for each in query.uses[use].conditions]


def order(query):
    return [f"{'-' * each.descending}{each.text}{each.nulls}" for each in query.uses[0].order]


def placed(query):
    return [(each.kind, each.expression.replace('"', "")) for each in query.places]


def test_a_page_of_a_list_as_sqlalchemy_asks_psycopg_for_it(shop):
    query = read_query(
        "SELECT orders.id FROM orders WHERE orders.status = %(status_1)s::VARCHAR AND orders.customer_id IN (?, ...) "
        "ORDER BY orders.created_at DESC, orders.id LIMIT %(param_1)s::INTEGER",
        shop,
        "postgresql",
    )
    assert asked(query) == [("equal", "status"), ("equal", "customer_id")]
    assert order(query) == ["-created_at", "id"]
    assert query.uses[0].limited
    assert placed(query) == [("equal", "status"), ("list", "customer_id"), ("limit", "")]
    assert query.holed.executable("%s", {1: 2}).endswith(
        "IN (%s, %s) ORDER BY orders.created_at DESC, orders.id LIMIT %s::INTEGER"
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mysql"])
def test_a_join_belongs_to_both_tables_and_conditions_to_their_own(shop, kind):
    query = read_query(
        "SELECT * FROM orders o JOIN users u ON u.id = o.customer_id WHERE u.email = ? AND o.created_at >= ? "
        "AND o.created_at < ?",
        shop,
        kind,
    )
    assert asked(query, 0) == [("range", "created_at"), ("range", "created_at"), ("join", "customer_id")]
    assert asked(query, 1) == [("equal", "email"), ("join", "id")]
    assert [each.kind for each in query.places] == ["equal", "low", "high"]


def test_a_column_without_a_table_is_looked_for_from_the_inside_out(shop):
    query = read_query(
        "SELECT name, (SELECT count(*) FROM orders WHERE customer_id = users.id AND status = ?) FROM users "
        "WHERE email = ?",
        shop,
        "sqlite",
    )
    uses = {use.table.name: asked(query, number) for number, use in enumerate(query.uses)}
    assert uses["orders"] == [("join", "customer_id"), ("equal", "status")]
    assert ("equal", "email") in uses["users"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("lower(status) = ?", [("equal", "LOWER(\"status\")")]),
        ("status LIKE ? || ?", [("range", "status")]),
        ("status LIKE ? || ? || ?", [("pattern", "status")]),
        ("status LIKE ?", [("pattern", "status")]),
        ("? = status", [("equal", "status")]),
        ("status IS NULL", [("equal", "status")]),
        ("(status = ? OR status = ?)", [("equal", "status")]),
        ("(status = ? OR note = ?)", []),
        ("status <> ?", []),
        ("created_at = total", []),
        ("customer_id IN (SELECT id FROM users)", [("join", "customer_id")]),
        ("total BETWEEN ? AND ?", [("range", "total")]),
    ],
)  # fmt: skip
def test_what_a_condition_asks_of_an_index(shop, condition, expected):
    assert asked(read_query(f"SELECT id FROM orders WHERE {condition}", shop, "sqlite")) == expected


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELECT id FROM orders WHERE created_at > ? - interval_of(?)", "was not kept"),
        ("SELECT status, note FROM orders GROUP BY ?", "was not kept"),
        ("SELECT max(total), min(total) FROM orders ORDER BY ?", "was not kept"),
        ("UPDATE orders SET status = ? WHERE id = ?", "it writes"),
        ("SELECT FROM WHERE (", "cannot be read"),
        ("SELECT id FROM orders WHERE note IN (" + "?, " * 2000, "longer than"),
    ],
)
def test_what_cannot_be_repeated_says_why(shop, statement, reason):
    with pytest.raises(Unreadable, match=reason):
        read_query(statement, shop, "sqlite")


@pytest.mark.parametrize("statement", ["SELECT ?", "BEGIN", "SELECT version()", "PRAGMA foreign_keys"])
def test_what_reads_no_table_is_no_query(shop, statement):
    assert read_query(statement, shop, "sqlite") is None


def test_nulls_stand_where_the_database_puts_them_unless_it_is_said(shop):
    text = "SELECT id FROM orders WHERE status = ? ORDER BY created_at DESC NULLS LAST, total"
    assert order(read_query(text, shop, "postgresql")) == ["-created_atlast", "total"]
    assert order(read_query(text, shop, "sqlite")) == ["-created_at", "total"]


def test_an_order_that_another_table_gives_is_not_asked_of_this_one(shop):
    text = "SELECT o.id FROM orders o JOIN users u ON u.id = o.customer_id ORDER BY o.status, u.name, o.total"
    assert order(read_query(text, shop, "sqlite")) == ["status"]


def test_percent_signs_are_what_the_application_s_driver_meant():
    assert take_apart("SELECT 5 %% 2 WHERE a = %s").executable("%s", {}) == "SELECT 5 %% 2 WHERE a = %s"
    assert take_apart("SELECT 5 %% 2 WHERE a = %s").executable("?", {}) == "SELECT 5 % 2 WHERE a = ?"
    assert take_apart("SELECT 5 % 2 WHERE a = $1").executable("%s", {}) == "SELECT 5 %% 2 WHERE a = %s"


def test_a_quoted_name_is_no_hole_and_sizes_of_types_are_none_either():
    holed = take_apart('SELECT CAST("what?" AS NUMERIC(?, ...)) FROM t WHERE a::varchar(?) = $2 OR b = $2;')
    assert [hole.name for hole in holed.holes] == ["$2", "$2"]
    assert holed.readable() == 'SELECT CAST("what?" AS NUMERIC) FROM t WHERE a::varchar = :hole0 OR b = :hole1'


def test_numbers_of_columns_are_told_where_only_one_is_possible(shop):
    text = "SELECT status AS s, count(id) AS n FROM orders WHERE note = ? GROUP BY ? ORDER BY ? DESC LIMIT ?"
    query = read_query(text, shop, "sqlite")
    assert [(each.kind, each.number) for each in query.places][1:3] == [("ordinal", 1), ("ordinal", 2)]
    assert query.holed.executable("?", {}, {1: "1", 2: "2"}).endswith("note = ? GROUP BY 1 ORDER BY 2 DESC LIMIT ?")


def test_a_time_zone_is_no_value_of_a_column(shop):
    text = "SELECT id FROM orders WHERE (created_at AT TIME ZONE %s)::date = %s"
    zone, date = read_query(text, shop, "postgresql").places
    assert (zone.kind, date.kind) == ("zone", "equal")
    assert date.expression == """CAST(("created_at" AT TIME ZONE 'UTC') AS DATE)"""
