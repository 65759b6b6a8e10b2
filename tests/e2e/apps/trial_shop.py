"""A shop that is ready for production; each of its sins, named in SINS, makes it fail one trial and no other."""

import os

import psycopg
import redis
import requests
from fastapi import FastAPI, HTTPException

SINS = os.environ.get("SINS", "").split(",")
DATABASE = os.environ["DATABASE_URL"]
PAYMENTS = os.environ.get("PAYMENTS_URL", "http://127.0.0.1:9")
CACHE = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

app = FastAPI()
impatient = {"retry": None, "socket_timeout": 0.3, "socket_connect_timeout": 0.3}
cache = redis.Redis.from_url(CACHE, **impatient)
forever = psycopg.connect(DATABASE, autocommit=True) if {"one-connection", "at-import"} & set(SINS) else None
engine = None
if "default-pool" in SINS:
    from sqlalchemy import create_engine, text

    engine = create_engine(DATABASE.replace("postgresql://", "postgresql+psycopg://"))


def one():
    if "one-connection" in SINS:
        return forever.execute("SELECT 1").fetchone()[0]
    if engine is not None:
        with engine.connect() as connection:
            return connection.execute(text("SELECT 1")).scalar()
    timeout = {} if "no-connect-timeout" in SINS else {"connect_timeout": 2}
    with psycopg.connect(DATABASE, autocommit=True, **timeout) as connection:
        for _ in range(12 if "one-by-one" in SINS else 0):
            connection.execute("SELECT 1")
        return connection.execute("SELECT 1").fetchone()[0]


@app.get("/orders")
def orders():
    try:
        return one()
    except (psycopg.Error, psycopg.OperationalError):
        raise HTTPException(503) from None


@app.get("/pay")
def pay():
    tries = 5 if "insists" in SINS else 1
    for _ in range(tries):
        try:
            answer = requests.get(PAYMENTS + "/charge", timeout=None if "no-timeout" in SINS else 0.5)
            answer.raise_for_status()
        except requests.RequestException:
            continue
        return answer.text
    raise HTTPException(502)


@app.get("/plain")
def plain():
    return "plain"


@app.get("/cached")
def cached():
    try:
        return str(cache.get("nineam-trial"))
    except redis.RedisError:
        if "needs-cache" in SINS:
            raise
        return "None"


if "blind" in SINS:

    @app.get("/health")
    async def health():
        return "ok"

else:

    @app.get("/health")
    def health():
        if "nervous" in SINS:
            cache.ping()
        one()
        return "ok"
