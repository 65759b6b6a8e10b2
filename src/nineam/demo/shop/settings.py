"""What the shop reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from .sins import ALL_SINS, Sin, parse_sins


@dataclass(frozen=True)
class Settings:
    """Where the data is (an SQLAlchemy URL) and which sins the shop commits (names of `sins.SINS`)."""

    database_url: str = "sqlite:///shop.db"
    sins: frozenset[str] = ALL_SINS

    def commits(self, sin: Sin) -> bool:
        """Whether this sin's switch is on."""
        return sin.name in self.sins


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read settings from `DATABASE_URL` and `SHOP_SINS`. Raises `UsageError` for an unknown sin."""
    defaults = Settings()
    written = environment.get("SHOP_SINS")
    return Settings(
        database_url=environment.get("DATABASE_URL") or defaults.database_url,
        sins=defaults.sins if written is None else parse_sins(written),
    )
