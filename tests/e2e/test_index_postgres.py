"""`nineam index` through the front door, on PostgreSQL."""

import json
import os
import signal

import pytest
from index_runs import write_run

from postgres_databases import SERVER, ask, databases, new_database

pytestmark = pytest.mark.postgres
SHOP = """
CREATE TABLE users (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, name text);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id integer NOT NULL REFERENCES users, status varchar(20) NOT NULL,
  created_at timestamptz NOT NULL, note jsonb);
INSERT INTO users (email, name) SELECT 'u' || n || '@shop.example', 'Name ' || n FROM generate_series(1, 100) n;
INSERT INTO orders (user_id, status, created_at, note) SELECT 1 + n % 100, 'status ' || n % 13,
  '2026-01-05'::timestamptz + n * interval '7 minutes', '{"gift": false}' FROM generate_series(1, 400) n;
"""
PAGE = (
    'SELECT "orders"."id", "orders"."note" FROM "orders" WHERE "orders"."status" = %(status_1)s::VARCHAR '
    "ORDER BY orders.created_at DESC, orders.id LIMIT %(param_1)s::INTEGER"
)
GONE = "DELETE FROM orders WHERE orders.status = $1 AND orders.created_at < $2"
STATE = "SELECT count(*), md5(string_agg(orders::text || xmin || ctid, ',' ORDER BY id)) FROM orders"
BY_NAME = "SELECT users.id FROM users WHERE lower(users.name) = $1"
DJANGO = """
from django.db import models


class Order(models.Model):
    user = models.ForeignKey("users.User", on_delete=models.CASCADE)
    status = models.CharField(max_length=20)

    class Meta:
        db_table = "orders"
"""


@pytest.fixture
def shop():
    """Return the name of a database with a shop in it; it and its clones are dropped at the end."""
    with new_database(SHOP) as name:
        yield name


def index(nineam, folder, name, *options):
    url = f"postgresql+psycopg://postgres:tell-nobody@127.0.0.1:5432/{name}"
    outcome = nineam("index", "run.db", "--quiet", "--json", "-", *options, cwd=folder, env={"DATABASE_URL": url})
    assert outcome.code == 0, outcome.err
    assert "tell-nobody" not in outcome.out + outcome.err
    return json.loads(outcome.out)


def test_missing_indexes_are_proved_told_and_gone_once_they_are_there(nineam, shop, tmp_path):
    (tmp_path / "models.py").write_text(DJANGO)
    write_run(tmp_path / "run.db", PAGE, BY_NAME)
    report = index(nineam, tmp_path, shop, "--times", "100")
    assert databases(shop) == [shop]
    proofs = {proof["table"]: proof for proof in report["proofs"]}
    assert report["not_tried"] == []
    assert proofs["orders"]["ddl"] == (
        "CREATE INDEX CONCURRENTLY ix_orders_status_created_at ON orders (status, created_at)"
    )
    assert proofs["orders"]["model_at"] == "models.py:5 (Order)"
    line = "indexes = [models.Index(fields=['status', 'created_at'], name='ix_orders_status_created_at')]"
    assert proofs["orders"]["model"] == f"add to class Meta: {line}"
    assert "Seq Scan on orders" in proofs["orders"]["statements"][0]["plan_before"]
    assert proofs["orders"]["write"]["what"] == "insert"
    assert proofs["users"]["ddl"].endswith('ON users ((LOWER("name")))')
    for proof in proofs.values():
        ask(shop, proof["ddl"])
    assert index(nineam, tmp_path, shop, "--times", "100")["proofs"] == []


def test_a_clone_of_the_user_s_stays_and_the_original_is_not_touched(nineam, shop, tmp_path):
    write_run(tmp_path / "run.db", PAGE, GONE)
    before = ask(shop, STATE)
    assert nineam("grow", f"{SERVER}/{shop}", "--times", "100", "--quiet", cwd=tmp_path).code == 0
    report = index(nineam, tmp_path, shop, "--clone", f"{shop}_grown")
    assert [proof["table"] for proof in report["proofs"]] == ["orders"]
    assert databases(shop) == [shop, f"{shop}_grown"]
    for name in databases(shop):
        indexes = ask(name, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        assert [each for (each,) in indexes] == ["orders_pkey", "users_email_key", "users_pkey"]
    assert report["not_tried"] == []
    assert ask(shop, STATE) == before
    assert ask(f"{shop}_grown", "SELECT count(*) FROM orders") == [(40_000,)]
    refused = nineam("index", "run.db", "--database", f"{SERVER}/{shop}", "--clone", "postgres", cwd=tmp_path)
    refused.refuses(2, "there is no clone called postgres", f"{shop}_grown")


def test_an_interrupt_leaves_no_clone(start, until, shop, tmp_path):
    write_run(tmp_path / "run.db", PAGE)
    running = start("index", "run.db", "--database", f"{SERVER}/{shop}", "--rows", "400k", cwd=tmp_path)
    until(lambda: "trying" in running.said())
    os.kill(running.pid, signal.SIGINT)
    outcome = running.outcome()
    assert outcome.code == 130, outcome.err
    assert databases(shop) == [shop]
