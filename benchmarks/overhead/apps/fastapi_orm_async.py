"""An asynchronous endpoint with lazy loading: 21 queries, 120 rows, through SQLAlchemy and asyncpg from PostgreSQL."""

import os

import watched

watched.start()

from fastapi import FastAPI  # noqa: E402 - some watchers have to come first
from shelf_sqlalchemy import Author  # noqa: E402
from sqlalchemy import select  # noqa: E402
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine  # noqa: E402

application = FastAPI()
engine = create_async_engine(
    os.environ["SHELF_POSTGRES"].replace("postgresql://", "postgresql+asyncpg://"),
    connect_args={"server_settings": {"search_path": os.environ["SHELF_SCHEMA"]}},
)


@application.get("/authors")
async def authors():
    """Give every author with their books."""
    async with AsyncSession(engine) as session:
        found = (await session.scalars(select(Author).order_by(Author.id))).all()
        return [
            {"name": author.name, "books": [book.title for book in await author.awaitable_attrs.books]}
            for author in found
        ]


@application.get("/seen")
async def seen():
    """Tell what was seen."""
    return watched.seen()


app = watched.asgi(application)
