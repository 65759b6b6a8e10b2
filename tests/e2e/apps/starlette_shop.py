"""A Starlette shop on the standard library's SQLite that knows nothing of nineam."""

import sqlite3

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route

database = sqlite3.connect(":memory:", check_same_thread=False)
database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)")
database.executemany("INSERT INTO item VALUES (?, ?)", [(number, f"item {number}") for number in range(1, 21)])


class Stamp:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


async def list_items(request):
    count = database.execute("SELECT count(*) FROM item").fetchone()[0]
    names = [name for (name,) in database.execute("SELECT name FROM item ORDER BY id").fetchall()]
    return JSONResponse({"count": count, "names": names})


async def one_item(request):
    found = database.execute("SELECT name FROM item WHERE id = ?", (request.path_params["item_id"],)).fetchone()
    return JSONResponse({"name": found[0]})


async def hello(request):
    return PlainTextResponse("hello")


app = Starlette(
    routes=[
        Route("/hello", hello),
        Mount("/v1", routes=[Route("/items", list_items), Route("/items/{item_id:int}", one_item)]),
    ],
    middleware=[Middleware(Stamp)],
)
