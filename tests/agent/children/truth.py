"""Applications whose cost per layer is known, driven one request after the other; prints what was seen outside."""

import asyncio
import json
import time

import sqlalchemy
from driver import call, sent_now
from fastapi import FastAPI
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import QueuePool
from starlette.middleware.base import BaseHTTPMiddleware

PARENTS = 12
ROUNDS = 5


class Base(DeclarativeBase):
    pass


class Parent(Base):
    __tablename__ = "parent"
    id: Mapped[int] = mapped_column(primary_key=True)
    children: Mapped[list["Child"]] = relationship()


class Child(Base):
    __tablename__ = "child"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int] = mapped_column(sqlalchemy.ForeignKey("parent.id"))


engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.pool.StaticPool)
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add_all([Parent(children=[Child(), Child()]) for _ in range(PARENTS)])
    session.commit()

small = sqlalchemy.create_engine(
    "sqlite:///file::memory:?uri=true", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=10,
    connect_args={"check_same_thread": False},
)  # fmt: skip


def busy(milliseconds):
    """Hold this thread for real; says for how long it was in fact."""
    begin = time.perf_counter_ns()
    time.sleep(milliseconds / 1000)
    truth.append((time.perf_counter_ns() - begin) / 1e6)


truth = []


class Pure:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        busy(3)
        await self.app(scope, receive, send)
        busy(3)


class Wrapping(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        busy(3)
        response = await call_next(request)
        busy(3)
        return response


app = FastAPI()
app.add_middleware(Pure)
app.add_middleware(Wrapping)


@app.get("/waits")
async def waits():
    begin = time.perf_counter_ns()
    await asyncio.sleep(0.01)
    truth.append((time.perf_counter_ns() - begin) / 1e6)
    return {"ok": True}


@app.get("/sync")
def sync():
    busy(10)
    return {"ok": True}


@app.get("/rows")
async def rows():
    with Session(engine) as session:
        parents = session.scalars(sqlalchemy.select(Parent)).all()
        return [len(parent.children) for parent in parents]  # the line of the N+1


@app.get("/fails")
async def fails():
    await asyncio.sleep(0.001)
    raise ValueError("on purpose")


@app.get("/spawns")
async def spawns():
    async def part(number):
        with Session(engine) as session:
            await asyncio.sleep(0.002 * number)
            session.scalars(sqlalchemy.select(Parent)).first()

    await asyncio.gather(*(part(number) for number in range(3)))
    return {"ok": True}


async def layers():
    """A few requests of each kind, one after the other: outside milliseconds, and what each sleep really took."""
    seen = {}
    for path in ("/waits", "/sync", "/rows", "/spawns"):
        await call(app, path)  # what is only done once is not what is measured
        seen[path] = []
        for _ in range(ROUNDS):
            truth.clear()
            _, _, taken = await call(app, path)
            seen[path].append({"ms": taken / 1e6, "truth": list(truth)})
    try:
        await call(app, "/fails")
    except ValueError as error:
        seen["/fails"] = str(error)
    return seen


plain = FastAPI()


@plain.get("/blocks")
async def blocks():
    busy(50)
    return {}


@plain.get("/late")
async def late():
    return {}


@plain.get("/ready")
async def ready():
    await asyncio.sleep(0)
    return {}


@plain.get("/sleeps")
async def sleeps():
    await asyncio.sleep(0.005)
    return {}


async def loop():
    """One view holds the loop for 50 ms while three others are before their entry, ready, and asleep."""
    for path in ("/late", "/ready", "/sleeps", "/blocks"):
        await call(plain, path)
    held = []
    for _ in range(ROUNDS):
        truth.clear()
        paths = ("/ready", "/sleeps", "/blocks", "/late")
        await asyncio.gather(*(asyncio.create_task(call(plain, path, headers=sent_now())) for path in paths))
        held += truth
    return held


pooled = FastAPI()


@pooled.get("/pooled")
def of_the_pool():
    with small.connect() as connection:
        connection.exec_driver_sql("SELECT 1").all()
        busy(10)
    return {}


async def pool():
    """Ten requests at once in front of a pool of one, each of which holds it for 10 ms."""
    await call(pooled, "/pooled")
    truth.clear()
    await asyncio.gather(*(call(pooled, "/pooled") for _ in range(10)))
    return list(truth)


async def main():
    return {"layers": await layers(), "loop": await loop(), "pool": await pool()}


print(json.dumps(asyncio.run(main())))
