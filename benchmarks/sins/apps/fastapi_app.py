"""FastAPI, SQLAlchemy's asynchronous engine and httpx, for uvicorn."""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import jinja2
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import joinedload
from starlette.middleware.base import BaseHTTPMiddleware

from benchmarks.sins.apps.switch import collect_often, sin, spin
from benchmarks.sins.apps.tables import Author, Book, Counter

SERVICE = os.environ.get("SERVICE_URL", "http://127.0.0.1:9")
PAGE = jinja2.Environment(autoescape=True).from_string(
    "<ul>{% for n in range(rows) %}<li>{{ n }} {{ 'book' | upper | center(20) | trim }}</li>{% endfor %}</ul>"
)

TAKEN = 10 * sin("herring-pool")
engine = create_async_engine(
    os.environ["DATABASE_URL"],
    pool_size=1 if sin("small-pool") or sin("connection-held") else 10 + TAKEN,
    max_overflow=0,
)
collect_often()
turn = asyncio.Lock()
log = logging.getLogger("shop")
log.setLevel(logging.INFO)
log.propagate = False
log.addHandler(logging.FileHandler(os.devnull))
clients: dict[str, httpx.AsyncClient] = {}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """One HTTP client for all requests."""
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=500)) as client:
        clients["one"] = client
        kept = [await engine.connect() for _ in range(TAKEN)]
        yield
        for connection in kept:
            await connection.close()
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


class Tax(BaseHTTPMiddleware):
    """What all requests pay."""

    async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Compute, then go on."""
        spin(4 * sin("middleware-tax"))  # sin: middleware-tax
        return await call_next(request)


if sin("middleware-tax"):
    app.add_middleware(Tax)


async def ask(milliseconds: float) -> None:
    """Ask the other service for something that takes so long."""
    await clients["one"].get(f"{SERVICE}/?ms={milliseconds}")


@app.get("/books")
async def books() -> list[dict[str, Any]]:
    """Twenty books with their authors."""
    much = sin("n-plus-one")
    async with AsyncSession(engine) as session:
        if again := sin("duplicate-query"):
            for _ in range(20 * again):
                await session.execute(text("SELECT n FROM counter WHERE id = :id"), {"id": 1})  # sin: duplicate-query
        if slow := sin("slow-query"):
            across = f"SELECT count(*) FROM book, generate_series(1, {40 * slow}) s WHERE length(book.text || s) > 0"
            await session.execute(text(across))  # sin: slow-query
        if sin("small-pool"):
            await session.execute(text(f"SELECT pg_sleep({0.02 * sin('small-pool')})"))  # sin: small-pool
        query = select(Book).limit(30 * (much or 1))
        found = (await session.scalars(query if much else query.options(joinedload(Book.author)))).all()
        answer = []
        for book in found:
            name = (await session.get_one(Author, book.author_id)).name if much else book.author.name  # sin: n-plus-one
            answer.append({"id": book.id, "title": book.title, "author": name})
    for _ in range(60 * sin("slow-serializer")):
        answer = json.loads(json.dumps(answer))  # sin: slow-serializer
    return answer


@app.get("/books/{book_id}")
async def book(book_id: int) -> dict[str, str]:
    """One book."""
    async with AsyncSession(engine) as session:
        found = await session.get(Book, book_id % 2000 + 1)
        title = found.title if found else ""
        if waits := sin("connection-held"):
            await ask(40 * waits)  # sin: connection-held
    for line in range(300 * sin("chatty-logging")):
        log.info("book %d line %d %s", book_id, line, title)  # sin: chatty-logging
    if waits := sin("slow-dependency"):
        await ask(400 * waits)  # sin: slow-dependency
    return {"title": title}


@app.get("/years")
async def years() -> dict[str, int]:
    """How many books there are since 1950."""
    async with AsyncSession(engine) as session:
        if much := sin("orm-hydration"):
            found = (await session.scalars(select(Book).limit(500 * much))).all()  # sin: orm-hydration
            return {"count": sum(each.year > 1950 for each in found)}
        return {"count": (await session.execute(text("SELECT count(*) FROM book WHERE year > 1950"))).scalar_one()}


@app.get("/page")
async def page() -> HTMLResponse:
    """A page made of a template."""
    return HTMLResponse(PAGE.render(rows=1500 * sin("slow-template") or 10))  # sin: slow-template


@app.get("/offers")
async def offers() -> dict[str, bool]:
    """What other services say."""
    for _ in range(12 * sin("n-plus-one-http") or 1):
        await ask(25 if sin("n-plus-one-http") else 1)  # sin: n-plus-one-http
    return {"ok": True}


@app.get("/visits")
async def visits() -> dict[str, bool]:
    """Count this visit."""
    async with AsyncSession(engine) as session:
        await session.execute(select(Counter.id))
        if much := sin("row-lock"):
            await session.execute(text("UPDATE counter SET n = n + 1 WHERE id = 1"))  # sin: row-lock
            await asyncio.sleep(0.06 * much)
            await session.commit()
    if much := sin("lock"):
        async with turn:  # sin: lock
            await asyncio.sleep(0.06 * much)
    return {"ok": True}


@app.get("/login")
async def login() -> dict[str, bool]:
    """Check a password."""
    if much := sin("password-hash"):
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 60_000 * much)  # sin: password-hash
    if much := sin("slow-view"):
        spin(25 * much)  # sin: slow-view
    return {"ok": True}


@app.get("/health")
async def health() -> dict[str, bool]:
    """Say that it is up."""
    return {"ok": True}
