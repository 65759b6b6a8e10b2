"""What an application can observe, as JSON: said once with the agent and once without, it must be the same.

Every function below runs inside a request of an application, where the agent's hooks are at work.
"""

import asyncio
import datetime
import decimal
import enum
import inspect
import json
import logging
import sqlite3
import sys
import uuid

import anyio
import anyio.to_thread
import sqlalchemy
import starlette.routing
from driver import call
from fastapi import Depends, FastAPI, HTTPException, WebSocket
from fastapi.encoders import jsonable_encoder
from fastapi.testclient import TestClient
from flask import Flask, abort, g, jsonify, render_template_string, request
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload
from sqlalchemy.pool import QueuePool
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse


class Color(enum.Enum):
    RED = "red"


class Line(BaseModel):
    name: str
    price: decimal.Decimal = decimal.Decimal("1.50")


class Order(BaseModel):
    id: int
    at: datetime.datetime
    color: Color
    lines: list[Line]


ORDER = Order(id=1, at=datetime.datetime(2024, 1, 1), color=Color.RED, lines=[Line(name="a"), Line(name="b")])


def raised(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        return [type(error).__name__, str(error)]
    return None


def signatures():
    found = {}
    places = [
        (FastAPI, "__call__"), (Starlette, "__call__"), (FastAPI, "build_middleware_stack"), (Flask, "wsgi_app"),
        (Flask, "dispatch_request"), (Flask, "ensure_sync"), (BaseModel, "model_dump"), (BaseModel, "model_validate"),
        (TypeAdapter, "dump_json"), (Session, "flush"), (Session, "commit"), (QueuePool, "_do_get"), (json, "dumps"),
        (json, "loads"), (sys.modules["fastapi.routing"], "serialize_response"), (JSONResponse, "render"),
        (sys.modules["fastapi.routing"], "run_endpoint_function"),
        (sys.modules["fastapi.encoders"], "jsonable_encoder"),
        (starlette.routing, "request_response"), (sys.modules["sqlalchemy.engine.create"], "create_engine"),
        (sys.modules["sqlalchemy.orm.loading"], "instances"), (starlette.routing.Route, "handle"),
    ]  # fmt: skip
    for owner, name in places:
        function = getattr(owner, name)
        static = inspect.getattr_static(owner, name)
        found[f"{owner.__name__}.{name}"] = [
            str(inspect.signature(function)), inspect.iscoroutinefunction(function), function.__name__,
            function.__qualname__, function.__module__, type(static).__name__, bool(function.__doc__),
        ]  # fmt: skip
    return found


def json_module():
    class Encoder(json.JSONEncoder):
        def default(self, value):
            return {"encoded": str(value)}

    def hook(pairs):
        return [list(pair) for pair in pairs]

    return [
        json.dumps({"b": [1, None, 2.5], "a": "ü"}, sort_keys=True, indent=2),
        json.dumps({1}, cls=Encoder), json.dumps(object, default=lambda value: value.__name__),
        json.loads('{"a": {"b": 1}}', object_pairs_hook=hook), json.loads(b"[1]"),
        raised(json.dumps, {1}), raised(json.loads, "{"), raised(json.loads), raised(json.dumps, 1, nonsense=2),
    ]  # fmt: skip


def pydantic_models():
    class Loud(Line):
        def model_dump(self, **options):
            return {"loud": super().model_dump(**options)}

    return [
        Order.model_validate(ORDER.model_dump()) == ORDER, ORDER.model_dump_json(),
        Order.model_validate_json(ORDER.model_dump_json()) == ORDER, repr(Loud(name="x").model_dump()),
        TypeAdapter(list[Line]).dump_json([Line(name="x")]).decode(),
        repr(TypeAdapter(dict[str, int]).validate_python({"a": "1"})), raised(Order.model_validate, {"id": "x"}),
    ]  # fmt: skip


def encoder():
    values = [
        ORDER, [ORDER], {"a": ORDER, Color.RED: 1}, {1, 2}, (1, 2), b"bytes", uuid.UUID(int=1), decimal.Decimal("1.10"),
        datetime.timedelta(seconds=1), Color.RED, None, float("inf"),
    ]  # fmt: skip
    done = [repr(jsonable_encoder(value)) for value in values]
    done.append(repr(jsonable_encoder(ORDER, include={"id"}, by_alias=False)))
    done.append(repr(jsonable_encoder(ORDER, exclude={"lines"}, custom_encoder={datetime.datetime: str})))
    done.append(repr(jsonable_encoder({"x": {"y": None}}, exclude_none=True)))
    done.append(raised(jsonable_encoder, iter([1])))
    done.append(raised(jsonable_encoder, object.__new__(type("Odd", (), {"__slots__": ()}))))
    return done


def sqlite_classes():
    class Mine(sqlite3.Connection):
        def hello(self):
            return "hello"

        def cursor(self, factory=sqlite3.Cursor):
            return super().cursor(factory)

    class Named(sqlite3.Cursor):
        pass

    db = sqlite3.connect(":memory:", factory=Mine)
    plain = sqlite3.connect(":memory:")
    positional = sqlite3.connect(":memory:", 5.0, 0, None, True, Mine)
    return [
        isinstance(db, Mine), isinstance(db, sqlite3.Connection), db.hello(), positional.hello(),
        isinstance(plain, sqlite3.Connection), type(plain).__name__, isinstance(plain.cursor(), sqlite3.Cursor),
        isinstance(plain.cursor(Named), Named), isinstance(plain.execute("SELECT 1"), sqlite3.Cursor),
        isinstance(plain.execute("SELECT 1").connection, sqlite3.Connection), plain.cursor().connection is plain,
        isinstance(db.cursor(), sqlite3.Cursor), repr(db.execute("SELECT 1").fetchall()),
    ]  # fmt: skip


def sqlite_work():
    db = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES)
    sqlite3.register_converter("upper", lambda value: value.decode().upper())
    db.row_factory = sqlite3.Row
    db.create_function("double", 1, lambda value: value * 2)
    db.executescript("CREATE TABLE t (a INTEGER, b upper); CREATE TABLE u (x);")
    done = [db.executemany("INSERT INTO t VALUES (?, ?)", [(1, "x"), (2, "y")]).rowcount]
    done.append([tuple(row) for row in db.execute("SELECT a, b FROM t WHERE a > :low", {"low": 0})])
    done.append([row["a"] for row in db.execute("SELECT a FROM t")])
    done.append(list(db.execute("SELECT double(a) FROM t").fetchone()))
    cursor = db.cursor()
    same = cursor.execute("SELECT a FROM t ORDER BY a") is cursor
    done += [
        same,
        cursor.description[0][0],
        [tuple(row) for row in cursor.fetchmany(1)],
        cursor.fetchone()[0],
        cursor.fetchone(),
    ]
    db.commit()
    done.append(list(db.iterdump()))
    copy = sqlite3.connect(":memory:")
    db.backup(copy)
    done.append(copy.execute("SELECT count(*) FROM t").fetchall())
    db.set_trace_callback(None)
    return done


def sqlite_transactions():
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t (a UNIQUE)")
    done = []
    with db:
        db.execute("INSERT INTO t VALUES (1)")
    try:
        with db:
            db.execute("INSERT INTO t VALUES (2)")
            db.execute("INSERT INTO t VALUES (1)")
    except sqlite3.IntegrityError as error:
        done.append(str(error))
    done += [db.execute("SELECT a FROM t").fetchall(), db.in_transaction, db.total_changes]
    done += [
        raised(db.execute, "SELEC"),
        raised(db.execute, "SELECT ?", ()),
        raised(db.cursor, 1),
        raised(db.execute)[0],
    ]
    db.close()
    done.append(raised(db.execute, "SELECT 1"))
    return done


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(sqlalchemy.ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


def engine_with(authors, seen):
    engine = sqlalchemy.create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0)
    for name in ("connect", "checkout", "checkin"):
        event.listen(engine, name, lambda *args, name=name: seen.append(name))
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2].split()[0]))
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(authors):
            session.add(Author(name=f"a{number}", books=[Book(title=f"b{number}"), Book(title=f"c{number}")]))
        session.commit()
    return engine


def sqlalchemy_orm():
    seen = []
    engine = engine_with(3, seen)
    done = [inspect.signature(type(engine.pool).__init__).parameters.keys() >= {"pool_size", "max_overflow"}]
    with Session(engine) as session:
        authors = session.scalars(sqlalchemy.select(Author).order_by(Author.id)).all()
        done.append([[book.title for book in author.books] for author in authors])
        eager = session.scalars(sqlalchemy.select(Author).options(selectinload(Author.books))).all()
        done.append(len(eager))
        query = sqlalchemy.select(Book).order_by(Book.id).execution_options(yield_per=2)
        done.append([[book.title for book in part] for part in session.scalars(query).partitions()])
        done.append([book.id for book in session.scalars(sqlalchemy.select(Book).order_by(Book.id).limit(4))])
        first = session.execute(sqlalchemy.select(Book).order_by(Book.id)).scalars().first()
        done += [
            first.title,
            session.get(Author, 1).name,
            session.scalar(sqlalchemy.select(sqlalchemy.func.count(Book.id))),
        ]
        done.append(session.execute(sqlalchemy.select(Author.id, Author.name)).mappings().all().__repr__())
        done.append(raised(session.execute, sqlalchemy.text("SELECT nothing")))
    return [*done, seen]


def sqlalchemy_pool():
    engine = sqlalchemy.create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    other = engine.pool.recreate()
    with engine.connect() as connection:
        first = connection.exec_driver_sql("SELECT 1").all()
        failure = raised(engine.connect)
    return [repr(first), failure, engine.pool.checkedout(), engine.pool.size(), other.size(), engine.pool.status()]


async def exceptions():
    app = FastAPI()

    @app.get("/teapot")
    async def teapot():
        raise HTTPException(418, "short and stout")

    @app.get("/zero")
    async def zero():
        return 1 / 0

    @app.exception_handler(KeyError)
    async def missing(request, error):
        return JSONResponse({"missing": str(error)}, 404)

    @app.get("/key")
    def key():
        return {}["nothing"]

    done = [await answer(app, path) for path in ("/teapot", "/key", "/nowhere")]
    try:
        await call(app, "/zero")
    except ZeroDivisionError as error:
        done.append(str(error))
    return done


async def answer(app, path, **options):
    status, body, _ = await call(app, path, **options)
    return [status, body.decode()]


async def fastapi_features():
    app = FastAPI(title="T")
    order = []

    @app.middleware("http")
    async def outer(request, call_next):
        order.append("in")
        response = await call_next(request)
        order.append("out")
        response.headers["x-outer"] = "1"
        return response

    async def dependency():
        order.append("open")
        yield 1
        order.append("close")

    @app.get("/orders/{number}", response_model=Order)
    async def orders(number: int, one: int = Depends(dependency)):
        return ORDER

    @app.post("/orders")
    def create(order: Order):
        return {"got": order.id}

    @app.get("/stream")
    async def stream():
        return StreamingResponse(iter(["a", "b"]), media_type="text/plain")

    body = ORDER.model_dump_json().encode()
    headers = [(b"content-type", b"application/json")]
    done = [await answer(app, "/orders/1"), await answer(app, "/orders/x"), await answer(app, "/stream")]
    done.append(await answer(app, "/orders", method="POST", body=body, headers=headers))
    done.append(await answer(app, "/orders", method="POST", body=b"{", headers=headers))
    return [*done, order, json.dumps(app.openapi(), sort_keys=True)]


async def fastapi_client():
    app = FastAPI()
    context = []

    @app.get("/")
    async def home():
        return {"context": context}

    @app.websocket("/socket")
    async def socket(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    def visit():
        with TestClient(app) as client:
            response = client.get("/")
            with client.websocket_connect("/socket") as connection:
                return [response.status_code, response.json(), sorted(response.headers), connection.receive_text()]

    return await asyncio.to_thread(visit)


async def threads():
    def work(value):
        if value is None:
            raise ValueError("no value")
        return value * 2

    done = [await anyio.to_thread.run_sync(work, 2)]
    try:
        await anyio.to_thread.run_sync(work, None)
    except ValueError as error:
        done.append(str(error))
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep(5)
    return [*done, scope.cancelled_caught, (await asyncio.gather(*(asyncio.sleep(0, n) for n in range(3))))]


async def cancelling():
    """A cancelled request sees its cancellation, and its cleanup still awaits."""
    seen = []
    app = FastAPI()

    @app.get("/")
    async def home():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        finally:
            await asyncio.sleep(0)
            seen.append("cleaned up")

    task = asyncio.create_task(call(app, "/"))
    while task.done() is False and len(asyncio.all_tasks()) and not task.cancelling():
        await asyncio.sleep(0.01)
        task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        seen.append("gone")
    return seen


async def flask_client():
    app = Flask(__name__)
    app.secret_key = "x"
    logging.getLogger(__name__).disabled = True

    @app.before_request
    def before():
        g.seen = ["before"]

    @app.after_request
    def after(response):
        response.headers["x-seen"] = ",".join(g.seen)
        return response

    @app.teardown_request
    def teardown(error):
        g.seen = None

    @app.get("/orders/<int:number>")
    def orders(number):
        return jsonify(number=number, agent=request.headers.get("x-none"))

    @app.get("/page")
    def page():
        return render_template_string("{{ name }}!", name="me")

    @app.get("/gone")
    def gone():
        abort(410)

    @app.errorhandler(KeyError)
    def missing(error):
        return {"missing": str(error)}, 404

    @app.get("/key")
    def key():
        return {}["nothing"]

    def visit():
        client = app.test_client()
        paths = ["/orders/1", "/orders/x", "/page", "/gone", "/key"]
        answers = [client.get(path) for path in paths]
        return [[a.status_code, a.text, a.headers.get("x-seen")] for a in answers]

    import contextvars

    empty = contextvars.Context()  # a request of its own, as a WSGI server would make it
    return await asyncio.to_thread(empty.run, visit)


BEHAVIOURS = (
    signatures, json_module, pydantic_models, encoder, sqlite_classes, sqlite_work, sqlite_transactions, sqlalchemy_orm,
    sqlalchemy_pool, exceptions, fastapi_features, fastapi_client, threads, cancelling, flask_client,
)  # fmt: skip


def main():
    outer = FastAPI()
    done = {}

    @outer.get("/{name}")
    async def run(name: str):
        behaviour = next(one for one in BEHAVIOURS if one.__name__ == name)
        result = behaviour()
        done[name] = await result if inspect.isawaitable(result) else result
        return "done"

    async def everything():
        for behaviour in BEHAVIOURS:
            try:
                await call(outer, "/" + behaviour.__name__)
            except Exception as error:  # noqa: BLE001 - likewise
                done[behaviour.__name__] = {"broke": repr(error)}

    asyncio.run(everything())
    print(json.dumps({"agent": "nineam_agent" in sys.modules, "done": done}, default=repr))


main()
