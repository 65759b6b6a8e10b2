"""A FastAPI application with what inspection must see: a router, a mount, a factory, a health page."""

from fastapi import APIRouter, FastAPI

print("printed while importing")

router = APIRouter(prefix="/api")


@router.get("/orders/{order_id:int}", name="order")
async def order(order_id: int) -> dict[str, int]:
    return {"id": order_id}


@router.post("/orders")
async def create() -> dict[str, str]:
    return {"status": "created"}


inner = FastAPI()


@inner.get("/inside")
async def inside() -> dict[str, bool]:
    return {"inside": True}


def create_app() -> FastAPI:
    made = FastAPI()
    made.include_router(router)
    made.mount("/mounted", inner)

    @made.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return made


app = create_app()
number = 9
