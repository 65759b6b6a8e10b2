"""A shop whose pages of a user's orders have no index; SHOP_DB says where it is."""

import os
import sqlite3
from contextlib import closing

from flask import Flask, jsonify
from sqlalchemy import Column, Integer, MetaData, Table

app = Flask(__name__)
ADDRESS = os.environ.get("SHOP_DB", "sqlite:///indexless_shop.db")
orders = Table("orders", MetaData(), Column("id", Integer), Column("user_id", Integer), Column("total", Integer))


@app.get("/orders/latest")
def latest():
    with closing(sqlite3.connect(ADDRESS.removeprefix("sqlite:///"))) as connection:
        sql = "SELECT id, total FROM orders WHERE user_id = ? ORDER BY total DESC LIMIT 5"
        return jsonify(connection.execute(sql, (7,)).fetchall())
