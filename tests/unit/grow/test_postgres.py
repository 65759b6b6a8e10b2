"""What only PostgreSQL has: partitions, sequences, enums, arrays, exclusions, roles, sessions; and that the original is
not touched.
"""

import contextlib
import secrets

import pytest

from nineam.errors import ApplicationError, UsageError

pytestmark = pytest.mark.postgres

RENTAL = """
CREATE TYPE rating AS ENUM ('G', 'PG', 'R');
CREATE DOMAIN year AS integer CHECK (VALUE BETWEEN 1901 AND 2155);
CREATE SCHEMA stock;
CREATE TABLE film (
    film_id serial PRIMARY KEY,
    title varchar(30) NOT NULL,
    released year,
    rated rating DEFAULT 'G',
    features text[],
    words tsvector
);
CREATE TABLE stock.copy (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    film_id integer NOT NULL REFERENCES film,
    shelf smallint NOT NULL,
    UNIQUE (film_id, shelf) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE booking (
    copy_id bigint REFERENCES stock.copy,
    during daterange NOT NULL,
    note text,
    EXCLUDE USING gist (int8range(copy_id, copy_id, '[]') WITH =, during WITH &&)
);
CREATE TABLE payment (
    payment_id serial,
    copy_id bigint NOT NULL,
    amount numeric(5, 2) NOT NULL,
    paid timestamptz NOT NULL,
    PRIMARY KEY (paid, payment_id)
) PARTITION BY RANGE (paid);
CREATE TABLE payment_2026_01 PARTITION OF payment FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE payment_2026_02 PARTITION OF payment FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
ALTER TABLE payment_2026_01 ADD FOREIGN KEY (copy_id) REFERENCES stock.copy;
ALTER TABLE payment_2026_02 ADD FOREIGN KEY (copy_id) REFERENCES stock.copy;
CREATE FUNCTION index_words() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a trigger fired'; END $$;
CREATE VIEW earnings AS SELECT copy_id, sum(amount) AS amount FROM payment GROUP BY copy_id;
CREATE VIEW by_key AS SELECT film_id, title FROM film GROUP BY film_id;
CREATE MATERIALIZED VIEW titles AS SELECT count(*) AS films FROM film;
INSERT INTO film (title, released, rated, features, words)
    SELECT 'film ' || n % 20, 1980 + n % 40, (ARRAY['G', 'PG', 'R']::rating[])[1 + n % 3], ARRAY['a', 'b'], 'a b'
    FROM generate_series(1, 50) n;
INSERT INTO stock.copy (film_id, shelf) SELECT 1 + n % 50, n / 50 FROM generate_series(0, 119) n;
INSERT INTO booking SELECT n, daterange(date '2026-01-01' + n, date '2026-01-03' + n) FROM generate_series(1, 80) n;
INSERT INTO payment (copy_id, amount, paid)
    SELECT 1 + n % 120, n % 9 + 0.5, timestamptz '2026-01-02' + n * interval '5 hours' FROM generate_series(1, 250) n;
REFRESH MATERIALIZED VIEW titles;
CREATE TRIGGER words BEFORE INSERT OR UPDATE ON film FOR EACH ROW EXECUTE FUNCTION index_words();
"""


@pytest.fixture
def rental(postgres_database):
    postgres_database.script(RENTAL)
    return postgres_database


def test_everything_postgresql_has_grows_and_validates(rental, grown, tmp_path):
    big = grown(rental.address, tmp_path, times=30)
    assert {name: table.factor for name, table in big.plan.tables.items()} == dict.fromkeys(
        ("film", "stock.copy", "booking", "payment"), 30
    ), big.plan.tables
    assert rental.ask("SELECT count(*), count(DISTINCT film_id) FROM film", big) == [(1500, 1500)]
    assert rental.ask("SELECT count(*) FROM pg_constraint WHERE NOT convalidated", big) == [(0,)]
    assert rental.ask("SELECT films FROM titles", big) == [(1500,)]
    shares = [
        rental.ask("SELECT tableoid::regclass::text, count(*) FROM payment GROUP BY 1 ORDER BY 1", at)
        for at in (None, big)
    ]
    assert [(name, count * 30) for name, count in shares[0]] == shares[1]
    assert rental.ask("SELECT count(*) FROM booking b JOIN stock.copy c ON c.id = copy_id", big) == [(2400,)]


def test_what_lay_in_order_still_does(postgres_database, grown, tmp_path):
    postgres_database.script(
        "CREATE TABLE event (id serial PRIMARY KEY, at timestamptz, of integer);"
        "INSERT INTO event (at, of) SELECT timestamptz '2026-01-01' + n * interval '1 hour', n / 3 "
        "FROM generate_series(1, 300) n; ANALYZE event"
    )
    sql = "SELECT attname, correlation FROM pg_stats WHERE tablename = 'event' ORDER BY 1"
    big = grown(postgres_database.address, tmp_path, times=50)
    assert all(correlation > 0.95 for _, correlation in postgres_database.ask(sql))
    found = dict(postgres_database.ask(sql, big))
    assert all(correlation > 0.9 for correlation in found.values()), found


def test_sequences_move_on_and_triggers_fire_again(rental, grown, tmp_path):
    import psycopg

    big = grown(rental.address, tmp_path, times=3)
    with psycopg.connect(f"{rental.server}/{big.made.name}", autocommit=True) as clone:
        clone.execute("INSERT INTO stock.copy (film_id, shelf) VALUES (1, 99)")
        clone.execute("INSERT INTO payment (copy_id, amount, paid) VALUES (1, 1, '2026-01-05')")
        with pytest.raises(psycopg.errors.RaiseException, match="a trigger fired"):
            clone.execute("INSERT INTO film (title) VALUES ('new')")
        (analyzed,) = clone.execute("SELECT reltuples FROM pg_class WHERE relname = 'film'").fetchone()
        assert analyzed == 150


def test_the_original_is_not_touched(rental, grown, tmp_path):
    counters = (
        "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables ORDER BY 1",
        "SELECT relname, relfilenode, relpages FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT md5(string_agg(f::text, '|' ORDER BY film_id)) FROM film f",
        "SELECT last_value FROM film_film_id_seq",
    )
    before = [rental.ask(sql) for sql in counters]
    grown(rental.address, tmp_path, times=5)
    assert [rental.ask(sql) for sql in counters] == before


def test_somebody_connected_is_named(rental, grown, tmp_path):
    import psycopg

    with (
        psycopg.connect(rental.address, application_name="the shop"),
        pytest.raises(UsageError, match="is in use") as caught,
    ):
        grown(rental.address, tmp_path, times=5)
    assert any("the shop" in detail for detail in caught.value.details)
    assert rental.databases() == {rental.name}


def test_a_name_that_is_taken_is_left_alone(rental, grown, tmp_path):
    rental_other = f"{rental.name}_other"
    _run(rental.server, f'CREATE DATABASE "{rental_other}"')
    with pytest.raises(UsageError, match="was not made by nineam"):
        grown(rental.address, tmp_path, times=5, name=rental_other, replace=True)
    grown(rental.address, tmp_path, times=2)
    with pytest.raises(UsageError, match="there is a clone already"):
        grown(rental.address, tmp_path, times=2)
    big = grown(rental.address, tmp_path, times=3, replace=True)
    assert rental.ask("SELECT count(*) FROM film", big) == [(150,)]
    with pytest.raises(UsageError, match="is a clone that nineam made"):
        grown(f"{rental.server}/{big.made.name}", tmp_path, times=2)


@pytest.fixture
def nobody(rental):
    """Return the address of the rental for a role that may do nothing, and the role."""
    role = f"nineam_role_{secrets.token_hex(4)}"
    _run(rental.server, f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    yield rental.address.replace("//postgres@", f"//{role}:secret@").replace("//shop:", f"//{role}:"), role
    with contextlib.suppress(Exception):
        _run(rental.address.rpartition("/")[0], f"DROP OWNED BY {role}", rental.name)
    _run(rental.server, f"DROP ROLE {role}")


def test_the_grant_that_is_missing_is_named(rental, nobody, grown, tmp_path):
    address, role = nobody
    if role not in address:
        pytest.skip("the server's address has another form here")
    with pytest.raises(UsageError, match="may not read") as caught:
        grown(address, tmp_path, times=2)
    assert "pg_read_all_data" in caught.value.hint
    _run(rental.server, f"GRANT pg_read_all_data TO {role}")
    with pytest.raises(UsageError, match="may not create databases") as caught:
        grown(address, tmp_path, times=2)
    assert "CREATEDB" in caught.value.hint
    _run(rental.server, f"ALTER ROLE {role} CREATEDB")
    with pytest.raises(UsageError, match="does not own"):
        grown(address, tmp_path, times=2)


def test_an_owner_without_other_rights_grows_too(rental, nobody, grown, tmp_path):
    address, role = nobody
    if role not in address:
        pytest.skip("the server's address has another form here")
    _run(rental.server, f'ALTER ROLE {role} CREATEDB; ALTER DATABASE "{rental.name}" OWNER TO {role}')
    owned = ("TABLE film", "TABLE stock.copy", "TABLE booking", "TABLE payment", "TABLE payment_2026_01")
    owned += ("TABLE payment_2026_02", "MATERIALIZED VIEW titles", "SCHEMA stock", "SCHEMA public")
    _run(rental.server, "; ".join(f"ALTER {each} OWNER TO {role}" for each in owned), rental.name)
    big = grown(address, tmp_path, times=4)
    assert rental.ask("SELECT count(*) FROM payment", big) == [(1000,)]
    _run(rental.server, f'DROP DATABASE "{big.made.name}"')
    _run(rental.server, f'ALTER DATABASE "{rental.name}" OWNER TO CURRENT_USER')
    _run(rental.server, f"REASSIGN OWNED BY {role} TO CURRENT_USER", rental.name)


def test_integers_that_would_not_fit_limit_a_table_and_say_so(postgres_database, grown, tmp_path):
    postgres_database.script(
        "CREATE TABLE small (id smallint PRIMARY KEY, what text);"
        "CREATE TABLE child (small_id smallint REFERENCES small);"
        "INSERT INTO small SELECT n, 'x' FROM generate_series(1, 1000) n; INSERT INTO child SELECT id FROM small"
    )
    big = grown(postgres_database.address, tmp_path, times=100)
    assert big.plan.tables["small"].factor == 32
    assert "smallint" in big.plan.tables["small"].why
    assert big.plan.tables["child"].factor == 100
    assert postgres_database.ask("SELECT count(*) FROM child c JOIN small s ON s.id = small_id", big) == [(100_000,)]


def test_a_connection_that_is_lost_in_the_middle_leaves_no_clone(rental, grown, tmp_path):
    ended = []

    def cut(progress):
        if progress.rows and not ended:
            ended.append(progress.stage)
            _run(rental.server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{part}'")

    part = f"{rental.name}_grown_part"
    with pytest.raises(ApplicationError, match="_grown"):
        grown(rental.address, tmp_path, times=20, hear=cut)
    assert ended
    assert rental.databases() == {rental.name}


def test_interrupted_it_leaves_no_clone(rental, grown, tmp_path):
    def interrupt(progress):
        if progress.rows:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grown(rental.address, tmp_path, times=20, hear=interrupt)
    assert rental.databases() == {rental.name}


def test_what_is_set_for_the_database_is_set_for_the_clone(rental, grown, tmp_path):
    _run(rental.server, f"ALTER DATABASE {rental.name} SET search_path TO stock, public")
    _run(rental.server, f"ALTER DATABASE {rental.name} SET timezone TO 'Europe/Vienna'")
    big = grown(rental.address, tmp_path, times=2)
    assert rental.ask("SHOW search_path", big) == [("stock, public",)]
    assert rental.ask("SHOW timezone", big) == [("Europe/Vienna",)]
    assert rental.ask("SELECT count(*) FROM copy", big) == [(240,)]


def test_names_of_any_kind_and_what_cannot_grow_beside_what_can(postgres_database, grown, tmp_path):
    postgres_database.script(
        """
        CREATE SCHEMA "Odd 100%";
        CREATE TABLE "Odd 100%"."user" ("sele""ct" uuid PRIMARY KEY, "50%" text, "From" text UNIQUE);
        CREATE TABLE "Odd 100%".child (
            owner uuid REFERENCES "Odd 100%"."user" ON UPDATE CASCADE, "100%s" varchar(9) UNIQUE
        );
        INSERT INTO "Odd 100%"."user" SELECT gen_random_uuid(), n::text, 'x@y' || n FROM generate_series(1, 9) n;
        INSERT INTO "Odd 100%".child SELECT "sele""ct", 'c' || "50%" FROM "Odd 100%"."user";
        CREATE TABLE slot (id integer PRIMARY KEY, what text) PARTITION BY RANGE (id);
        CREATE TABLE slot_low PARTITION OF slot FOR VALUES FROM (0) TO (10);
        INSERT INTO slot VALUES (1, 'a'), (9, 'b');
        CREATE TABLE flag (main boolean PRIMARY KEY, n integer);
        INSERT INTO flag VALUES (true, 1), (false, 2);
        CREATE TABLE ruled (n integer);
        INSERT INTO ruled VALUES (1), (2);
        CREATE RULE none AS ON INSERT TO ruled DO INSTEAD NOTHING;
        CREATE TABLE keyless (n integer, ip inet, place point, range int4range, x xml);
        INSERT INTO keyless VALUES (1, '::1', '(1,2)', '[1,2)', '<a/>'), (NULL, NULL, NULL, NULL, NULL);
        """
    )
    big = grown(postgres_database.address, tmp_path, times=25)
    assert big.plan.factors == {
        "Odd 100%.user": 25,
        "Odd 100%.child": 25,
        "slot": 1,
        "flag": 1,
        "ruled": 1,
        "keyless": 25,
    }
    assert "no partition" in big.plan.tables["slot"].why
    joined = """SELECT count(*) FROM "Odd 100%".child JOIN "Odd 100%"."user" ON owner = "sele""ct" """
    assert postgres_database.ask(joined, big) == [(225,)]


def _run(server, sql, database="postgres"):
    import psycopg

    with psycopg.connect(f"{server}/{database}", autocommit=True) as connection:
        for statement in sql.split("; "):
            connection.execute(statement)
