"""Endpoints on SQLAlchemy's pool, with limits to every wait; its sins are named in SINS."""

import os
import threading

from fastapi import FastAPI, HTTPException
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

SINS = os.environ.get("SINS", "").split(",")
URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
LIMITS = {"pool_timeout": 2, "connect_args": {"connect_timeout": 2}}
SMALL = {"pool_size": 1, "max_overflow": 0, "connect_args": {"connect_timeout": 2}}

app = FastAPI()
engine = create_engine(URL, **(SMALL if "pool-of-one" in SINS else LIMITS))
one_for_all = threading.Lock()
kept = []


def answer(statement):
    if "one-session" in SINS:
        with one_for_all:
            if not kept:
                kept.append(engine.connect())
            return kept[0].execute(text(statement)).scalar()
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar()


def asked(statement):
    try:
        return str(answer(statement))
    except SQLAlchemyError:
        raise HTTPException(503) from None


@app.get("/orders")
def orders():
    return asked("SELECT 1")


@app.get("/report")
def report():
    return asked("SELECT pg_sleep(0.07)")
