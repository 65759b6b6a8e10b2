"""A FastAPI application whose ids nobody can guess, and which says what was asked for."""

import uuid
from uuid import UUID

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
USERS = {uuid.uuid4(): f"user {number}" for number in range(30)}
ORDERS = {user: {uuid.uuid4().hex: number for number in range(3)} for user in USERS}
SEEN: dict[str, set[str]] = {"users": set(), "orders": set(), "names": set(), "buyers": set()}


class NewUser(BaseModel):
    name: str
    email: str


class NewOrder(BaseModel):
    user_id: UUID
    count: int


def known(user_id: UUID) -> UUID:
    if user_id not in USERS:
        raise HTTPException(404)
    SEEN["users"].add(str(user_id))
    return user_id


@app.get("/users/{user_id}")
async def user(user_id: UUID) -> dict[str, str]:
    return {"id": str(known(user_id)), "name": USERS[user_id]}


@app.get("/users")
async def users() -> dict[str, list[dict[str, str]]]:
    return {"results": [{"name": name, "id": str(key)} for key, name in USERS.items()]}


@app.post("/users", status_code=201)
async def create(new: NewUser) -> dict[str, str]:
    if new.name in SEEN["names"]:
        raise HTTPException(409)
    SEEN["names"].add(new.name)
    key = uuid.uuid4()
    USERS[key] = new.name
    ORDERS[key] = {}
    return {"id": str(key)}


@app.delete("/users/{user_id}", status_code=204)
async def delete(user_id: UUID) -> None:
    del USERS[known(user_id)]
    del ORDERS[user_id]


@app.get("/users/{user_id}/orders")
async def orders(user_id: UUID) -> list[dict[str, str]]:
    return [{"order_id": key} for key in ORDERS[known(user_id)]]


@app.get("/users/{user_id}/orders/{order_id}")
async def order(user_id: UUID, order_id: str) -> dict[str, int]:
    if order_id not in ORDERS[known(user_id)]:
        raise HTTPException(404)
    SEEN["orders"].add(order_id)
    return {"number": ORDERS[user_id][order_id]}


@app.post("/orders", status_code=201)
async def buy(new: NewOrder) -> dict[str, int]:
    SEEN["buyers"].add(str(known(new.user_id)))
    return {"count": new.count}


@app.get("/search")
async def search(q: str, user_id: UUID) -> list[str]:
    known(user_id)
    return [q]
