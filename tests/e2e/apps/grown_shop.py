"""A shop whose list reads a whole table and whose page looks one row up; SHOP_DB says where, unless it is ignored."""

import os
import sqlite3
from contextlib import closing

from flask import Flask, jsonify

app = Flask(__name__)
ADDRESS = os.environ.get("SHOP_DB", "sqlite:///grown_shop.db")
if os.environ.get("IGNORE_IT"):
    ADDRESS = "sqlite:///grown_shop.db"


def ask(sql):
    with closing(sqlite3.connect(ADDRESS.removeprefix("sqlite:///"))) as connection:
        return connection.execute(sql).fetchall()


@app.get("/orders/dear")
def dear():
    return jsonify(ask("SELECT count(*) FROM orders WHERE total * total % 7 = 3"))


@app.get("/users/first")
def first():
    return jsonify(ask("SELECT email FROM users WHERE id = 1"))
