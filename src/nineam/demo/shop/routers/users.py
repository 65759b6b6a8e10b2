"""The shop's users."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select

from ..database import Shop
from ..models import User
from ..schemas import UserOut
from ..serializers import serialize_users
from ..sins import SLOW_SERIALIZER

router = APIRouter()

PAGE = 100


@router.get("/api/users", response_model=list[UserOut])
def list_users(request: Request) -> Any:
    """List the first page of users."""
    shop: Shop = request.app.state.shop
    with shop.sessions() as session:
        users = session.scalars(select(User).order_by(User.id).limit(PAGE)).all()
    if shop.settings.commits(SLOW_SERIALIZER):
        return serialize_users(users)
    return users
