"""A small shop's tables, for SQLAlchemy; filled by `python -m benchmarks.sins.apps.tables URL`."""

import sys

from sqlalchemy import ForeignKey, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

AUTHORS, BOOKS = 200, 2000


class Base(DeclarativeBase):
    """Its tables."""


class Author(Base):
    """Who writes."""

    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Book(Base):
    """What is written."""

    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    year: Mapped[int]
    pages: Mapped[int]
    text: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), index=True)
    author: Mapped[Author] = relationship()


class Counter(Base):
    """Something that everybody writes to."""

    __tablename__ = "counter"
    id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]


def fill(url: str) -> None:
    """Make the tables and their rows."""
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Author), [{"id": n, "name": f"Author {n}"} for n in range(1, AUTHORS + 1)])
        connection.execute(insert(Book), [_book(n) for n in range(1, BOOKS + 1)])
        connection.execute(insert(Counter), [{"id": 1, "n": 0}])
    engine.dispose()


def _book(n: int) -> dict[str, object]:
    return {
        "id": n, "title": f"Book {n}", "year": 1900 + n % 120, "pages": 100 + n % 900, "text": "x" * 200,
        "author_id": 1 + n % AUTHORS,
    }  # fmt: skip


if __name__ == "__main__":
    fill(sys.argv[1])
