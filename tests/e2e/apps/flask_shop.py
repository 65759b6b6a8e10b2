"""A Flask shop on SQLAlchemy that knows nothing of nineam."""

from flask import Flask, jsonify, render_template_string
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
metadata = MetaData()
items = Table("item", metadata, Column("id", Integer, primary_key=True), Column("name", String(40)))
metadata.create_all(engine)
with engine.begin() as connection:
    connection.execute(insert(items), [{"id": number, "name": f"item {number}"} for number in range(1, 21)])

app = Flask(__name__)


@app.get("/items")
def list_items():
    with engine.connect() as connection:
        connection.execute(select(items.c.id).limit(1)).all()
        rows = connection.execute(select(items).order_by(items.c.id)).all()
    return jsonify([{"id": row.id, "name": row.name} for row in rows])


@app.get("/items/<int:item_id>")
def one_item(item_id):
    with engine.connect() as connection:
        row = connection.execute(select(items).where(items.c.id == item_id)).one()
    return jsonify(id=row.id, name=row.name)


@app.get("/page")
def page():
    return render_template_string("<h1>{{ title }}</h1>", title="Hello")
