"""A small application with four threads to work in; its sins, named in SINS, are about starts and about clients."""

import os
import time
from contextlib import asynccontextmanager

import anyio.to_thread
import asyncpg
from fastapi import FastAPI, HTTPException, Request

SINS = os.environ.get("SINS", "").split(",")
DATABASE = os.environ.get("DATABASE_URL", "")
THREADS = 4
WORK_S = 0.1
ready = []
opened = set()
hoard = []


def make_ready():
    if not ready:
        time.sleep(1.5)
        ready.append(True)


@asynccontextmanager
async def lifespan(app):
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    if "lazy" not in SINS:
        make_ready()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/work")
def work():
    make_ready()
    if "hoards" in SINS:
        hoard.append(os.urandom(50_000))
    time.sleep(WORK_S)
    return "done"


if DATABASE:

    @app.get("/orders")
    async def orders(request: Request):
        connection = await asyncpg.connect(DATABASE)
        opened.add(connection)
        try:
            answer = await connection.fetchval("SELECT 1")
            if "leaks" in SINS and await request.is_disconnected():
                raise HTTPException(499)
            await connection.close()
        finally:
            if "leaks" not in SINS:
                await connection.close()
        return answer

    @app.get("/steps")
    async def steps(request: Request):
        connection = await asyncpg.connect(DATABASE)
        try:
            for _ in range(8):
                await connection.fetchval("SELECT 1")
                if "stubborn" not in SINS and await request.is_disconnected():
                    raise HTTPException(499)
        finally:
            await connection.close()
        return "done"
