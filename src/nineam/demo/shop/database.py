"""The shop's connections."""

from dataclasses import dataclass

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from .settings import Settings
from .sins import SMALL_POOL


@dataclass(frozen=True)
class Shop:
    """What every endpoint needs; lives in `app.state.shop`."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]


def create_shop_engine(settings: Settings) -> Engine:
    """Make the pool of connections; it connects when first asked."""
    if settings.commits(SMALL_POOL):
        return create_engine(settings.database_url, pool_size=5, max_overflow=0, pool_timeout=30)
    return create_engine(settings.database_url, pool_size=20, max_overflow=0, pool_timeout=30)


def open_shop(settings: Settings) -> Shop:
    """Make the shop's engine and sessions, not connected yet."""
    engine = create_shop_engine(settings)
    return Shop(settings=settings, engine=engine, sessions=sessionmaker(engine))
