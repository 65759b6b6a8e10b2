"""A shop on PostgreSQL, at DATABASE_URL, whose list reads a whole table and whose page looks one row up."""

import os

from flask import Flask, jsonify
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"), pool_size=4)


def ask(sql):
    with engine.connect() as connection:
        return [list(row) for row in connection.execute(text(sql))]


@app.get("/orders/dear")
def dear():
    return jsonify(ask("SELECT count(*) FROM orders WHERE total * total % 7 = 3"))


@app.get("/users/first")
def first():
    return jsonify(ask("SELECT email FROM users WHERE id = 1"))
