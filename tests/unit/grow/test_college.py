"""A college with one of everything grows twenty times, in both databases, and keeps its shape."""

import pytest
from college import rows
from shapes import close, column_shape, fan_out

TIMES = 20
COLUMNS = (
    ("person", "country_code"),
    ("person", "born"),
    ("person", "wage"),
    ("person", "active"),
    ("department", "parent_id"),
    ("enrolment", "mark"),
    ("log", "person_id"),
    ("log", "what"),
)
EDGES = (
    ("person", "department_id", "department", "id"),
    ("enrolment", "person_id", "person", "id"),
    ("log", "person_id", "person", "id"),
    ("department", "parent_id", "department", "id"),
)
KEPT = {"country", "setting", "visit"}


@pytest.fixture(scope="module")
def big(college, grown, tmp_path_factory):
    return grown(college.address, tmp_path_factory.mktemp("big"), times=TIMES, check=True)


def test_every_table_has_the_rows_that_were_planned(college, big):
    for place, values in rows().items():
        table = place.partition(" ")[0]
        (count,) = college.ask(f"SELECT count(*) FROM {table}", big)[0]
        assert count == len(values) * (1 if table in KEPT else TIMES), table
    assert {name for name, table in big.plan.tables.items() if table.factor == 1} == KEPT


def test_the_first_rows_are_the_originals(college, big):
    for table in ("person", "department", "badge", "enrolment"):
        before, after = (college.ask(f"SELECT * FROM {table}", where) for where in (None, big))
        assert {str(row) for row in before} <= {str(row) for row in after}


def test_nulls_commonest_values_and_fan_out_stay(college, big):
    for table, column in COLUMNS:
        before, after = (column_shape(lambda sql, at=at: college.ask(sql, at), table, column) for at in (None, big))
        if (table, column) in {("department", "parent_id"), ("log", "person_id")}:
            before, after = before[:1], after[:1]  # a reference's commonest value is one of more parents
        assert all(close(*pair) for pair in zip(before, after, strict=True)), (table, column, before, after)
    for edge in EDGES:
        before, after = (fan_out(lambda sql, at=at: college.ask(sql, at), *edge) for at in (None, big))
        assert before == after, edge


def test_the_check_finds_nothing(big):
    assert big.likeness.different == ()
    assert big.likeness.definitions > 12
    assert len(big.likeness.compared) > 100


def test_what_was_put_aside_is_back(college, big):
    if college.address.startswith("postgresql"):
        listed = (
            "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        )
    elif college.address.startswith("mysql"):
        listed = tuple(f"SHOW COLUMNS FROM {name}" for name in ("person", "enrolment", "department", "log"))
    else:
        own = "name NOT LIKE '%nineam%' AND name NOT LIKE 'sqlite_s%'"
        listed = (f"SELECT type, name, sql FROM sqlite_master WHERE {own} ORDER BY 1, 2",)
    for sql in listed:
        assert college.ask(sql) == college.ask(sql, big)


def test_generated_columns_are_computed(college, big):
    assert college.ask("SELECT count(*) FROM person WHERE yearly <> wage * 12 OR yearly IS NULL", big) == [(0,)]


def test_later_keys_still_belong_to_later_rows(college, big):
    """What rises with the key still does: a stretched key, not generation after generation."""
    ids = [key for (key,) in college.ask("SELECT person_id FROM badge ORDER BY slug, person_id", big)]
    assert len(set(ids)) == len(ids)
    born = college.ask("SELECT id, email FROM person WHERE email LIKE 'person60+%' ORDER BY id DESC LIMIT 1", big)
    assert born[0][0] == college.ask("SELECT max(id) FROM person", big)[0][0]


def test_half_of_a_reference_follows_the_other_half(college, big):
    """A composite reference and its single one agree: the department of an enrolment is its course's."""
    lost = college.ask(
        "SELECT count(*) FROM enrolment e LEFT JOIN course c "
        "ON (c.department_id, c.number) = (e.department_id, e.number) WHERE c.number IS NULL",
        big,
    )
    assert lost == [(0,)]


def test_depth_makes_hot_parents(college, grown, tmp_path):
    big = grown(college.address, tmp_path / "out", times=TIMES, depth=0.3, name=_other(college, tmp_path))
    hottest = college.ask(
        "SELECT count(*) FROM log WHERE person_id IS NOT NULL GROUP BY person_id ORDER BY 1 DESC", big
    )
    assert hottest[0][0] > 50 * hottest[len(hottest) // 2][0] / 10
    assert hottest[0][0] > hottest[3][0] > hottest[20][0]
    nulls = [
        college.ask("SELECT avg(CASE WHEN person_id IS NULL THEN 1.0 ELSE 0 END) FROM log", at) for at in (None, big)
    ]
    assert close(float(nulls[0][0][0]), float(nulls[1][0][0]))


def _other(college, tmp_path):
    return f"{college.name}_{tmp_path.name[-20:]}" if "://" in college.address else str(tmp_path / "deep.db")


def test_tables_that_refer_to_a_named_one_follow(college, grown, tmp_path):
    plan = grown(college.address, tmp_path / "out", like={"person": 600}, name=_other(college, tmp_path)).plan
    assert plan.tables["person"].after == 600
    assert plan.tables["enrolment"].factor == plan.tables["log"].factor == plan.tables["badge"].factor == 10
    assert plan.tables["country"].factor == 1


def test_a_reference_without_a_constraint_is_followed_when_every_value_confirms_it(sqlite_file, grown, tmp_path):
    sqlite_file.script(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, shop_id INTEGER);"
        "CREATE TABLE shops (id INTEGER PRIMARY KEY, name TEXT);"
        "INSERT INTO users VALUES (3, 'a'), (4, 'b'); INSERT INTO shops VALUES (1, 'c'), (2, 'd');"
        "INSERT INTO orders VALUES (1, 3, 1), (2, 4, 7), (3, NULL, 2), (4, 3, 2);"
    )
    big = grown(str(sqlite_file.path), tmp_path / "out", times=10)
    per_user = "SELECT count(*) FROM orders JOIN users ON users.id = user_id GROUP BY user_id"
    assert sorted(sqlite_file.ask(per_user, big)) == [(1,)] * 10 + [(2,)] * 10
    assert sqlite_file.ask("SELECT count(*), count(DISTINCT shop_id) FROM orders", big) == [(40, 3)]
