"""The shop: `uvicorn nineam.demo.shop.main:app`."""

import os

from fastapi import FastAPI

from .database import open_shop
from .middleware import RequestLogMiddleware, SecurityHeadersMiddleware, StaticHeaders
from .routers import auth, health, orders, users
from .settings import Settings, read_settings
from .sins import MIDDLEWARE, SHARED_HEALTH


def create_app(settings: Settings) -> FastAPI:
    """Make the shop's application; it connects to its database with the first request that needs it."""
    app = FastAPI(title="The shop")
    app.state.shop = open_shop(settings)
    app.include_router(users.router)
    app.include_router(orders.router)
    app.include_router(auth.router)
    app.include_router(health.shared_router if settings.commits(SHARED_HEALTH) else health.light_router)
    if settings.commits(MIDDLEWARE):
        app.add_middleware(SecurityHeadersMiddleware)
        app.add_middleware(RequestLogMiddleware)
    else:
        app.add_middleware(StaticHeaders)
    return app


app = create_app(read_settings(os.environ))
