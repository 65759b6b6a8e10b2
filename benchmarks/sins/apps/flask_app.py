"""Flask, SQLAlchemy and requests, for gunicorn's gthread worker."""

import hashlib
import json
import logging
import os
import threading
import time

import requests
from flask import Flask, Response, jsonify, render_template_string
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session, joinedload

from benchmarks.sins.apps.switch import collect_often, sin, spin
from benchmarks.sins.apps.tables import Book, Counter

SERVICE = os.environ.get("SERVICE_URL", "http://127.0.0.1:9")
PAGE = "<ul>{% for n in range(rows) %}<li>{{ n }} {{ 'book' | upper | center(20) | trim }}</li>{% endfor %}</ul>"

app = Flask(__name__)
TAKEN = 8 * sin("herring-pool")
engine = create_engine(
    os.environ["DATABASE_URL"],
    pool_size=1 if sin("small-pool") or sin("connection-held") else 8 + TAKEN,
    max_overflow=0,
)
kept = [engine.connect() for _ in range(TAKEN)]
collect_often()
turn = threading.Condition()
taken = False
log = logging.getLogger("shop")
log.setLevel(logging.INFO)
log.propagate = False
log.addHandler(logging.FileHandler(os.devnull))


@app.before_request
def Tax() -> None:  # noqa: N802 - the layer is called by it
    """What all requests pay."""
    if much := sin("middleware-tax"):
        spin(6 * much)  # sin: middleware-tax


def settings(session: Session) -> int:
    """Look something small up."""
    return int(session.execute(text("SELECT n FROM counter WHERE id = :id"), {"id": 1}).scalar_one())


@app.get("/books")
def books() -> Response:
    """Twenty books with their authors."""
    much = sin("n-plus-one")
    with Session(engine) as session:
        if again := sin("duplicate-query"):
            for _ in range(20 * again):
                settings(session)  # sin: duplicate-query
        if slow := sin("slow-query"):
            session.execute(
                text(f"SELECT count(*) FROM book, generate_series(1, {40 * slow}) s WHERE length(book.text || s) > 0")
            )  # sin: slow-query
        if sin("small-pool"):
            session.execute(text(f"SELECT pg_sleep({0.02 * sin('small-pool')})"))  # sin: small-pool
        query = select(Book).limit(30 * (much or 1))
        found = session.scalars(query if much else query.options(joinedload(Book.author))).all()
        answer = [{"id": book.id, "title": book.title, "author": book.author.name} for book in found]  # sin: n-plus-one
    if rounds := sin("slow-serializer"):
        for _ in range(60 * rounds):
            answer = json.loads(json.dumps(answer))  # sin: slow-serializer
    return jsonify(answer)


@app.get("/books/<int:book_id>")
def book(book_id: int) -> Response:
    """One book."""
    with Session(engine) as session:
        found = session.get(Book, book_id % 2000 + 1)
        title = found.title if found else ""
        if waits := sin("connection-held"):
            requests.get(f"{SERVICE}/?ms={40 * waits}", timeout=10)  # sin: connection-held
    if lines := sin("chatty-logging"):
        for line in range(300 * lines):
            log.info("book %d line %d %s", book_id, line, title)  # sin: chatty-logging
    if waits := sin("slow-dependency"):
        requests.get(f"{SERVICE}/?ms={80 * waits}", timeout=10)  # sin: slow-dependency
    return jsonify(title=title)


@app.get("/years")
def years() -> Response:
    """How many books there are since 1950."""
    if much := sin("orm-hydration"):
        with Session(engine) as session:
            found = session.scalars(select(Book).limit(500 * much)).all()  # sin: orm-hydration
            return jsonify(count=sum(each.year > 1950 for each in found))
    with Session(engine) as session:
        return jsonify(count=session.scalar(text("SELECT count(*) FROM book WHERE year > 1950")))


@app.get("/page")
def page() -> str:
    """A page made of a template."""
    return render_template_string(PAGE, rows=1500 * sin("slow-template") or 10)  # sin: slow-template


@app.get("/offers")
def offers() -> Response:
    """What other services say."""
    for _ in range(6 * sin("n-plus-one-http") or 1):
        requests.get(f"{SERVICE}/?ms={8 if sin('n-plus-one-http') else 1}", timeout=10)  # sin: n-plus-one-http
    return jsonify(ok=True)


@app.get("/visits")
def visits() -> Response:
    """Count this visit."""
    with Session(engine) as session:
        session.execute(select(Counter.id)).all()
        if much := sin("row-lock"):
            session.execute(text("UPDATE counter SET n = n + 1 WHERE id = 1"))  # sin: row-lock
            time.sleep(0.06 * much)
            session.commit()
    if much := sin("lock"):
        _alone(0.06 * much)
    return jsonify(ok=True)


def _alone(seconds: float) -> None:
    global taken  # noqa: PLW0603 - one for all is the point
    with turn:
        turn.wait_for(lambda: not taken)  # sin: lock
        taken = True
    time.sleep(seconds)
    with turn:
        taken = False
        turn.notify()


@app.get("/login")
def login() -> Response:
    """Check a password."""
    if much := sin("password-hash"):
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 60_000 * much)  # sin: password-hash
    if much := sin("slow-view"):
        spin(20 * much)  # sin: slow-view
    return jsonify(ok=True)


@app.get("/health")
def health() -> Response:
    """Say that it is up."""
    return jsonify(ok=True)
