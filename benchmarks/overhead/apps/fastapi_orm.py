"""A synchronous endpoint with lazy loading: 21 queries, 120 rows, through SQLAlchemy from SQLite."""

import os

import watched

watched.start()

from fastapi import FastAPI  # noqa: E402 - some watchers have to come first
from shelf_sqlalchemy import Author  # noqa: E402
from sqlalchemy import create_engine, select  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

application = FastAPI()
engine = create_engine("sqlite:///" + os.environ["SHELF_FILE"])


@application.get("/authors")
def authors():
    """Give every author with their books."""
    with Session(engine) as session:
        found = session.scalars(select(Author).order_by(Author.id)).all()
        return [{"name": author.name, "books": [book.title for book in author.books]} for author in found]


@application.get("/seen")
async def seen():
    """Tell what was seen."""
    return watched.seen()


app = watched.asgi(application)
