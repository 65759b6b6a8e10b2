"""An application with four bugs that no polite user meets; SAFE=1 in the environment repairs them."""

import os
import sqlite3
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from pydantic import AfterValidator, BaseModel

app = FastAPI()
SAFE = os.environ.get("SAFE") == "1"
database = sqlite3.connect(":memory:", check_same_thread=False)
database.execute("create table item (id integer primary key, name text)")
database.executemany("insert into item (name) values (?)", [("one",), ("two",)])
Limit = Annotated[int, Query(ge=0, le=100)] if SAFE else int


if SAFE:  # what FastAPI answers by itself says what it got, and that may be no JSON

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> PlainTextResponse:
        """Say only that it was wrong."""
        return PlainTextResponse("not valid", 422)


def encodable(text: str) -> str:
    """Refuse lone surrogates, which JSON can spell and nobody can encode."""
    if SAFE:
        text.encode()
    return text


Text = Annotated[str, AfterValidator(encodable)]


class Line(BaseModel):
    """A line of an order."""

    name: Text
    count: int = 1


class Order(BaseModel):
    """An order."""

    customer: Text
    lines: list[Line] = []
    extra: dict[str, Any] = {}


@app.get("/items")
async def items(limit: Limit = 10) -> list[Any]:
    """Overflows: SQLite has 64 bits."""
    return database.execute("select name from item limit ?", (limit,)).fetchall()


@app.post("/orders")
async def order(order: Order) -> dict[str, str]:
    """Counts on a field that nobody promised."""
    if SAFE and "gift" not in order.extra:
        return {"customer": order.customer}
    return {"customer": order.customer, "gift": str(order.extra["gift"]) if order.extra else ""}


@app.post("/notes")
async def notes(request: Request) -> dict[str, Any]:
    """Reads whatever comes."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        if SAFE:
            raise HTTPException(422) from None
        raise
    return {"depth": depth(body) if isinstance(body, list) else 0}


@app.get("/healthy")
async def healthy(q: str = "") -> dict[str, int]:
    """Has no bug."""
    return {"length": len(q)}


def depth(value: Any) -> int:
    """How deep lists are in each other."""
    return 1 + max((depth(each) for each in value if isinstance(each, list)), default=0)
