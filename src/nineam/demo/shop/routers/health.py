"""Whether the shop is alive."""

from fastapi import APIRouter, Request
from sqlalchemy import text

from ..database import Shop
from ..schemas import HealthOut

shared_router = APIRouter()
light_router = APIRouter()


@shared_router.get("/health")
def database_health(request: Request) -> HealthOut:
    """Alive when the database answers."""
    shop: Shop = request.app.state.shop
    with shop.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return HealthOut(status="ok")


@light_router.get("/health")
async def process_health() -> HealthOut:
    """Alive when the process answers."""
    return HealthOut(status="ok")
