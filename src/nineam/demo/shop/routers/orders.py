"""The shop's orders."""

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ..database import Shop
from ..models import Order, OrderItem
from ..schemas import OrderOut
from ..serializers import serialize_order
from ..sins import N_PLUS_ONE

router = APIRouter()

PAGE = 20
EVERYTHING = (
    joinedload(Order.customer),
    selectinload(Order.items).joinedload(OrderItem.product),
)


@router.get("/api/orders")
def list_orders(request: Request, status: str = "paid", customer_id: int | None = None) -> list[OrderOut]:
    """List the latest orders in a status, of everybody or of one customer."""
    shop: Shop = request.app.state.shop
    query = select(Order).where(Order.status == status)
    if customer_id is not None:
        query = query.where(Order.customer_id == customer_id)
    query = query.order_by(Order.created_at.desc(), Order.id).limit(PAGE)
    if not shop.settings.commits(N_PLUS_ONE):
        query = query.options(*EVERYTHING)
    with shop.sessions() as session:
        orders = session.scalars(query).all()
        return [serialize_order(order) for order in orders]
