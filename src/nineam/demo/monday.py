"""Nine o'clock in the demo shop: most people look around, many look at their orders, a few log in."""

from typing import Any

from nineam import check, journey

USERS = 100
PASSWORD = "monday morning"  # noqa: S105 - what the demo's seed gives everybody


@journey(weight=51)
async def browse(user: Any) -> None:
    """Look at the first page of users."""
    users = await user.get("/api/users")
    check("status is 200", users.status == 200)
    check("response time under 500ms", users.elapsed_ms < 500)


@journey(weight=44)
async def follow_orders(user: Any) -> None:
    """Look at the latest orders."""
    orders = await user.get("/api/orders")
    check("status is 200", orders.status == 200)
    check("response time under 500ms", orders.elapsed_ms < 500)


@journey(weight=5)
async def log_in(user: Any) -> None:
    """Log in with the right password."""
    email = f"user{user.id % USERS + 1}@shop.example"
    token = await user.post("/auth/login", json={"email": email, "password": PASSWORD})
    check("status is 200", token.status == 200)
    check("response time under 500ms", token.elapsed_ms < 500)
