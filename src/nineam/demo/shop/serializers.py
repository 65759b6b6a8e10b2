"""From rows to what the shop sends."""

import json
from collections.abc import Iterable
from typing import Any

from fastapi.encoders import jsonable_encoder

from .models import Order, User
from .schemas import ItemOut, OrderOut, UserOut


def serialize_users(users: Iterable[User]) -> list[dict[str, Any]]:
    """Users as plain JSON values, "to be on the safe side": every user goes to JSON and back."""
    page = []
    for user in users:
        model = UserOut.model_validate(user)
        document = json.loads(json.dumps(jsonable_encoder(model)))
        checked = UserOut.model_validate(document)
        page.append(jsonable_encoder(checked))
    return page


def serialize_order(order: Order) -> OrderOut:
    """One order with its customer, its lines and their products."""
    items = [ItemOut(product=item.product.name, quantity=item.quantity, price=item.price) for item in order.items]
    return OrderOut(
        id=order.id,
        status=order.status,
        customer=order.customer.name,
        items=items,
        total=sum(item.quantity * item.price for item in items),
        created_at=order.created_at,
    )
