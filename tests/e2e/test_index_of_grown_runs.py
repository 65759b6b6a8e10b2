"""`nineam run --grown` ends with the index that its statements miss, proved in its clone before that is dropped."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

SHOP = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, total INTEGER);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
  INSERT INTO orders (user_id, total) SELECT 1 + i % 50, i * 7 % 53 FROM n;
"""
APPS = Path(__file__).parent / "apps"
QUICK = ("--localhost-time", "0.6", "--stair-time", "0.6", "--after-time", "0.3", "--observer-time", "0")
LOAD = ("indexless_shop:app", "--users", "1", "--no-climb", "--think", "0.02", "--proof-time", "0", *QUICK)


def ran(nineam, shop):
    environment = {"SHOP_DB": "sqlite:///indexless_shop.db"}
    outcome = nineam("run", *LOAD, "--grown", "--times", "100", "--json", "a.json", cwd=shop, env=environment)
    assert outcome.code in {0, 4, 99}, outcome.err
    assert [path.name for path in (shop / ".nineam").rglob("*") if "_run_" in path.name] == []
    findings = json.loads((shop / "a.json").read_text())["findings"]
    return outcome, [each for each in findings if each["code"] == "missing-index"]


def test_the_missing_index_is_told_with_the_run(nineam, tmp_path):
    shop = tmp_path
    shutil.copy(APPS / "indexless_shop.py", shop)
    with contextlib.closing(sqlite3.connect(shop / "indexless_shop.db")) as connection, connection:
        connection.executescript(SHOP)
    outcome, (finding,) = ran(nineam, shop)
    assert finding["endpoint"] == "GET /orders/latest"
    assert finding["where"].startswith("indexless_shop.py:")
    ddl, _, model = finding["fix"].partition("; or at ")
    assert ddl.startswith("CREATE INDEX ix_orders_user_id")
    assert model.startswith("indexless_shop.py:12 (orders): add Index(")
    assert finding["evidence"]["rows"] == 40_000
    assert "missing-index" in outcome.out
