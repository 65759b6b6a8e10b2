"""The simplest asynchronous endpoint, and one that only waits."""

import asyncio

import watched

watched.start()

from fastapi import FastAPI  # noqa: E402 - some watchers have to come first

application = FastAPI()


@application.get("/trivial")
async def trivial():
    """Answer at once."""
    return {"hello": "world"}


@application.get("/waits")
async def waits():
    """Answer after a tenth of a second."""
    await asyncio.sleep(0.1)
    return {"hello": "world"}


@application.get("/seen")
async def seen():
    """Tell what was seen."""
    return watched.seen()


app = watched.asgi(application)
