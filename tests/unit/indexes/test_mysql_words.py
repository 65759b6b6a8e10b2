"""What MySQL answers otherwise than MariaDB, in the words of its manual: no server of it is needed."""

from contextlib import contextmanager

from nineam.indexes.candidates import covering
from nineam.indexes.mysql import MysqlDatabase
from nineam.indexes.mysql_schema import read_schema
from nineam.model.indexes import IndexPart

COLUMNS = [
    ("orders", "my_row_id", "bigint", 1),
    ("orders", "status", "varchar", 0),
    ("orders", "doc", "json", 0),
]
PLAN = [
    (1, "SIMPLE", "orders", None, "ref", "by_status", "nineam_tried", "162", "const", 31, 100.0, "Using where"),
    (1, "SIMPLE", "users", None, "eq_ref", "PRIMARY", "PRIMARY", "4", "shop.orders.user_id", 1, 100.0, None),
]


def answering(statistics, rows):
    """Answer like a server whose information_schema.statistics has these columns; what it was asked is kept."""
    asked = []

    def ask(sql):
        asked.append(sql)
        if "FROM information_schema.tables" in sql:
            return [("orders", 50_000, "InnoDB"), ("hits", 9, "MyISAM"), ("kept", None, None)]
        if "lower(column_name)" in sql:
            return [(each,) for each in statistics]
        return rows if "FROM information_schema.statistics" in sql else COLUMNS

    return ask, asked


def test_parts_that_are_expressions_are_read_as_somebody_would_write_them():
    rows = [
        ("orders", "PRIMARY", 0, "my_row_id", "A", None, "BTREE", None),
        ("orders", "by_both", 1, "status", "A", None, "BTREE", None),
        ("orders", "by_both", 1, None, "D", None, "BTREE", "json_unquote(json_extract(`doc`,_utf8mb4\\'$.a\\'))"),
    ]
    ask, asked = answering(["table_name", "expression", "is_visible"], rows)
    schema = read_schema(ask, hidden=("kept",))
    orders = schema.table("orders")
    (_, both) = orders.indexes
    assert [part.text for part in both.parts] == ["status", "json_unquote(json_extract(`doc`,'$.a'))"]
    assert [part.plain for part in both.parts] == [True, False]
    assert "is_visible = 'YES'" in asked[-2] + asked[-1]
    assert orders.generates == "my_row_id"
    assert [each.transactional for each in schema.tables] == [True, False]
    lower = IndexPart(text="lower(`status`)", plain=False)
    assert covering(orders, (lower,)) is None


def test_a_server_without_expressions_is_not_asked_for_them():
    ask, asked = answering(["table_name", "ignored"], [("orders", "by_status", 1, "status", "A", 10, "BTREE", None)])
    (index,) = read_schema(ask, hidden=()).table("orders").indexes
    assert index.partial
    (question,) = [each for each in asked if "FROM information_schema.statistics" in each]
    assert "index_type, NULL" in question
    assert "ignored = 'NO'" in question


class Server:
    """A connection of PyMySQL to a MySQL 8 that holds a clone."""

    def __init__(self):
        self.asked = []

    @contextmanager
    def cursor(self):
        yield self

    def execute(self, sql, values):
        self.asked.append(sql)
        self.values = values

    def fetchall(self):
        answers = {"SHOW TABLES": [("orders",), ("nineam_clone",)], "SELECT version()": [("8.0.36-28",)]}
        return PLAN if "EXPLAIN" in self.asked[-1] else answers.get(self.asked[-1], [])


def test_a_plan_with_partitions_and_shares_is_read_whatever_the_server_prefers():
    server = Server()
    database = MysqlDatabase(server)
    assert "SET SESSION max_execution_time = 10000" in server.asked
    assert "SET SESSION information_schema_stats_expiry = 0" in server.asked
    plan = database.plan("SELECT 1 FROM orders", ())
    assert server.asked[-1].startswith("EXPLAIN FORMAT=TRADITIONAL SELECT")
    assert plan.text == "ref on orders by nineam_tried (Using where); eq_ref on users by PRIMARY"
    assert plan.indexes == {"nineam_tried", "PRIMARY"}
