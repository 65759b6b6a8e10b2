"""A FastAPI shop on SQLAlchemy that knows nothing of nineam: one middleware, an N+1, a plain page, a parameter."""

import asyncio

from fastapi import FastAPI, Request
from pydantic import BaseModel
from sqlalchemy import ForeignKey, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool

ORDERS = 5


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship()


class OrderOut(BaseModel):
    id: int
    customer: str


engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add_all(Customer(id=number, name=f"customer {number}") for number in range(1, ORDERS + 1))
    session.add_all(Order(id=number, customer_id=number) for number in range(1, ORDERS + 1))
    session.commit()

app = FastAPI()


@app.middleware("http")
async def add_version(request: Request, call_next):
    response = await call_next(request)
    response.headers["x-version"] = "1"
    return response


@app.get("/orders")
async def orders() -> list[OrderOut]:
    with Session(engine) as session:
        found = session.scalars(select(Order).order_by(Order.id)).all()
        return [OrderOut(id=order.id, customer=order.customer.name) for order in found]


@app.get("/orders/{order_id}")
async def order(order_id: int) -> OrderOut:
    with Session(engine) as session:
        found = session.scalars(select(Order).where(Order.id == order_id)).one()
        return OrderOut(id=found.id, customer=found.customer.name)


@app.get("/slow")
async def slow() -> dict[str, str]:
    await asyncio.sleep(0.02)
    return {"status": "ok"}


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}
