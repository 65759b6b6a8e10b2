"""What visitors of the Flask shop do."""

from nineam import check, journey


@journey
async def browse(user):
    items = await user.get("/items")
    check("status is 200", items.status == 200)
    await user.get(f"/items/{items.json()[0]['id']}", name="/items/{id}")
    await user.get("/page")
