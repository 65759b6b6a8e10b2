"""A Flask application whose database stands in the source, where no environment variable reaches it."""

import os

import psycopg2
import requests
from flask import Flask

SINS = os.environ.get("SINS", "").split(",")
PAYMENTS = os.environ.get("PAYMENTS_URL", "http://127.0.0.1:9")
DATABASE = {"host": "localhost", "port": 5432, "user": "postgres", "dbname": "postgres"}

app = Flask(__name__)
kept = []


def connection():
    if "one-connection" not in SINS:
        return psycopg2.connect(**DATABASE, **({} if "no-connect-timeout" in SINS else {"connect_timeout": 2}))
    if not kept:
        kept.append(psycopg2.connect(**DATABASE))
    return kept[0]


def answer(statement):
    used = connection()
    try:
        with used.cursor() as cursor:
            cursor.execute(statement)
            return str(cursor.fetchone()[0])
    finally:
        if used not in kept:
            used.close()


@app.get("/orders")
def orders():
    return answer("SELECT 1")


@app.get("/report")
def report():
    return answer("SELECT pg_sleep(0.07)")


@app.get("/pay")
def pay():
    try:
        return requests.get(PAYMENTS + "/charge", timeout=None if "no-timeout" in SINS else 0.5).text
    except requests.RequestException:
        return "not now", 502


@app.get("/plain")
def plain():
    return "plain"


@app.get("/")
def home():
    return "shop"
