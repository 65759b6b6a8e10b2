"""Trials of what stands behind a login: the project's `monday.py` says how to get in."""

import pytest
from trial_kit import POSTGRES, needs_postgres, trial

pytestmark = pytest.mark.postgres
PAGE = """
import os

import psycopg
from flask import Flask, session

app = Flask(__name__)
app.secret_key = "stays"


@app.post("/login")
def login():
    session["user"] = "ann"
    return "welcome"


@app.get("/orders/<int:number>")
def order(number):
    if "user" not in session:
        return "who are you?", 401
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=2) as connection:
        return str(connection.execute("SELECT 1").fetchone()[0])
"""
MONDAY = """
from nineam import journey


async def login(user):
    await user.post("/login")


@journey(setup=login)
async def look(user):
    for number in range(3):
        await user.get(f"/orders/{number}")
        await user.think(1, 5)
"""


@pytest.mark.slow
def test_pages_behind_a_login_are_put_to_the_test(nineam, tmp_path):
    needs_postgres()
    (tmp_path / "page.py").write_text(PAGE)
    (tmp_path / "monday.py").write_text(MONDAY)
    outcome, document, found = trial(nineam, "database-down", "page:app", env={"DATABASE_URL": POSTGRES}, cwd=tmp_path)
    assert found["database-down"]["result"] == "pass", outcome.out
    assert document["endpoints"] == ["GET /orders/{id}"]
    assert document["touches"]["GET /orders/{id}"]["database"] >= 4
