"""What is read of a statement that a run has kept: conditions, order, and what its holes stand for."""

import pytest
from msgspec.structs import replace

from nineam.indexes.holes import take_apart
from nineam.indexes.query import Unreadable
from nineam.indexes.reading import read_query
from nineam.indexes.schema import Schema


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
        ("UPDATE orders SET status = ?", "writes to every row"),
        ("DELETE FROM orders", "writes to every row"),
        ("INSERT INTO orders (note) SELECT name FROM users WHERE email = ?", "adds rows"),
        ("WITH gone AS (DELETE FROM orders WHERE id = ? RETURNING id) SELECT id FROM gone", "in the middle of reading"),
        ("UPDATE orders SET total = length(?) WHERE note = ?", "was not kept"),
        ("SELECT FROM WHERE (", "cannot be read"),
        ("SELECT id FROM orders WHERE note IN (" + "?, " * 2000, "longer than"),
    ],
)
def test_what_cannot_be_repeated_says_why(shop, statement, reason):
    with pytest.raises(Unreadable, match=reason):
        read_query(statement, shop, "sqlite")


@pytest.mark.parametrize(
    "statement",
    ["SELECT ?", "BEGIN", "SELECT version()", "PRAGMA foreign_keys", "INSERT INTO orders (note) VALUES (?)"],
)
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


def test_positions_that_were_kept_are_ordered_by(shop):
    text = "SELECT status, count(*), note FROM orders WHERE customer_id = ? GROUP BY 1 ORDER BY 2"
    assert order(read_query(text, shop, "sqlite")) == []
    assert order(read_query("SELECT note, status FROM orders ORDER BY 2 DESC, 3", shop, "sqlite")) == ["-status"]


@pytest.mark.parametrize("written", ["(?, ...)", "(__[POSTCOMPILE_note_1])", "(__[POSTCOMPILE_n~~~~REPL~~::TEXT~~])"])
def test_a_list_that_sqlalchemy_writes_when_it_executes_is_a_list(shop, written):
    query = read_query(f"SELECT id FROM orders WHERE note IN {written} AND status = %(s)s", shop, "postgresql")
    assert placed(query) == [("list", "note"), ("equal", "status")]
    assert query.holed.executable("%s", {0: 2}).endswith("note IN (%s, %s) AND status = %s")


def test_a_value_that_is_a_condition_by_itself_may_be_true(shop):
    case = "CASE WHEN ($1::BOOLEAN) THEN status = $2::VARCHAR ELSE $3 END"
    text = f"SELECT id FROM orders WHERE {case} AND (total > $4 OR $5)"
    query = read_query(text, shop, "postgresql")
    assert [each.kind for each in query.places] == ["true", "equal", "true", "low", "true"]
    shown = read_query("SELECT CASE WHEN status = ? THEN ? ELSE ? END FROM orders", shop, "sqlite")
    assert [each.kind for each in shown.places] == ["equal", "one", "one"]


def test_a_value_that_nobody_knows_is_named(shop):
    with pytest.raises(Unreadable, match=r"^value 2 of 2 \(`total > interval_of\(\?\) LIMIT 3`\) was not kept"):
        read_query("SELECT id FROM orders WHERE note = ? AND total > interval_of(?) LIMIT 3", shop, "sqlite")
    with pytest.raises(Unreadable, match=r"^\$7 \("):
        read_query("SELECT id FROM orders WHERE note = $1 AND total > interval_of($7)", shop, "postgresql")


def test_a_time_zone_is_no_value_of_a_column(shop):
    text = "SELECT id FROM orders WHERE (created_at AT TIME ZONE %s)::date = %s"
    zone, date = read_query(text, shop, "postgresql").places
    assert (zone.kind, date.kind) == ("zone", "equal")
    assert date.expression == """CAST(("created_at" AT TIME ZONE 'UTC') AS DATE)"""


@pytest.mark.parametrize(
    ("statement", "expected", "places"),
    [
        (
            "UPDATE orders SET status = ?, note = ? WHERE customer_id = ? AND created_at < ?",
            [("equal", "customer_id"), ("range", "created_at")],
            [("written", "status"), ("written", "note"), ("equal", "customer_id"), ("high", "created_at")],
        ),
        ("DELETE FROM orders WHERE status = ?", [("equal", "status")], [("equal", "status")]),
        (
            "UPDATE orders SET id = ?, total = total + ? WHERE note = ?",
            [("equal", "note")],
            [("equal", "id"), ("one", ""), ("equal", "note")],
        ),
        (
            "UPDATE orders SET status = CASE WHEN (orders.id = ?) THEN ? ELSE status END WHERE note IN (?, ...)",
            [("equal", "note")],
            [("equal", "id"), ("written", "status"), ("list", "note")],
        ),
    ],
)
def test_what_a_statement_that_writes_looks_for(shop, statement, expected, places):
    query = read_query(statement, shop, "sqlite")
    assert query.writes
    assert (asked(query), placed(query)) == (expected, places)


def test_an_update_that_joins_belongs_to_both_tables(shop):
    text = (
        "UPDATE orders AS o SET status = %(s)s FROM users u JOIN items i ON i.order_id = %(i)s "
        "WHERE o.customer_id = u.id AND u.email = %(e)s RETURNING o.id"
    )
    query = read_query(text, shop, "postgresql")
    uses = {use.table.name: asked(query, number) for number, use in enumerate(query.uses)}
    assert uses["orders"] == [("join", "customer_id")]
    assert uses["users"] == [("join", "id"), ("equal", "email")]
    assert uses["items"] == [("equal", "order_id")]
    assert placed(query)[0] == ("written", "status::text")
    text = "DELETE o FROM orders o JOIN users u ON u.id = o.customer_id WHERE u.email = %s"
    query = read_query(text, shop, "mysql")
    assert [use.table.name for use in query.uses] == ["orders", "users"]
    assert asked(query, 1) == [("equal", "email"), ("join", "id")]


def test_what_would_leave_the_clone_or_stay_in_it_is_not_repeated(shop):
    for text in ("SELECT id FROM shop.orders WHERE note = ?", "DELETE FROM shop.orders WHERE note = ?"):
        with pytest.raises(Unreadable, match=r"names its database \(shop\)"):
            read_query(text, shop, "mysql")
    lasting = Schema(tables=tuple(replace(each, transactional=False) for each in shop.tables))
    with pytest.raises(Unreadable, match="written to orders cannot be taken back"):
        read_query("DELETE FROM orders WHERE note = ?", lasting, "mysql")
    assert read_query("SELECT id FROM orders WHERE note = ?", lasting, "mysql")
