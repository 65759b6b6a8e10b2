"""A Flask shop that counts what it has loaded, shows titles of long texts, and lists what it loads."""

from flask import Flask, jsonify
from sqlalchemy import String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

ARTICLES = 2000
LONG = 50


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "article"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(String(5000))


engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add_all(
        Article(id=number, title=f"article {number}", body="long " * (1000 if number <= LONG else 1))
        for number in range(1, ARTICLES + 1)
    )
    session.commit()

app = Flask(__name__)


@app.get("/count")
def count():
    with Session(engine) as session:
        return jsonify(len(session.scalars(select(Article)).all()))


@app.get("/titles")
def titles():
    with Session(engine) as session:
        found = session.scalars(select(Article).order_by(Article.id).limit(LONG)).all()
        return jsonify([article.title for article in found])


@app.get("/list")
def everything():
    with Session(engine) as session:
        found = session.scalars(select(Article).order_by(Article.id.desc()).limit(600)).all()
        return jsonify([[article.id, article.title, article.body] for article in found])
