"""One request, one check, the answer parsed as JSON."""

from nineam import check, journey


@journey
async def browse(user):
    """Ask for the orders."""
    orders = await user.get("/api/orders")
    check("status is 200", orders.status == 200)
    check("three orders", len(orders.json()) == 3)
