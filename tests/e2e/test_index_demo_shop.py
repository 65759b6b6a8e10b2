"""The demo's shop: its missing index is found after a real run, told with its line, and gone once it is there."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import nineam.demo.shop

pytest.importorskip("fastapi", reason="the shop is an extra")
SHOP = Path(nineam.demo.shop.__file__).parent


def test_the_shop_s_missing_index_is_found_told_and_gone_once_it_is_there(nineam, short, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    environment = {"DATABASE_URL": url}
    seed = [sys.executable, "-m", "nineam.demo.shop.seed"]
    subprocess.run(seed, env=os.environ | environment, check=True, timeout=60, capture_output=True)
    shutil.copy(SHOP / "models.py", tmp_path)
    load = ("--users", "1", "--think", "0.02", "--localhost-time", "1.5", *short[2:])
    ran = nineam("run", "nineam.demo.shop.main:app", *load, "--quiet", cwd=tmp_path, env=environment)
    assert ran.code == 0, ran.err
    (proof,) = found(nineam, tmp_path, environment)
    assert (proof["code"], proof["table"]) == ("missing-index", "orders")
    assert proof["ddl"] == "CREATE INDEX ix_orders_status_created_at ON orders (status, created_at)"
    assert proof["model_at"].endswith("(Order)")
    assert proof["model"] == '__table_args__ = (Index("ix_orders_status_created_at", "status", "created_at"),)'
    assert proof["ddl"] in nineam("report", cwd=tmp_path, env={"COLUMNS": "300"}).out
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection, connection:
        connection.execute(proof["ddl"])
    assert found(nineam, tmp_path, environment) == []


def found(nineam, folder, environment):
    outcome = nineam("index", "--times", "200", "--json", "-", "--quiet", cwd=folder, env=environment)
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)["proofs"]
