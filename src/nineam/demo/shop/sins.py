"""What is wrong with the shop, on purpose: every sin is a switch, on by default.

`SHOP_SINS` is a comma list of the sins to commit; empty commits none, unset commits all.
"""

from dataclasses import dataclass

from nineam.errors import UsageError, nearest


@dataclass(frozen=True)
class Sin:
    """One thing the shop does wrong: `where` is a path in the shop and a function, `repair` what off means."""

    name: str
    title: str
    where: str
    wrong: str
    repair: str


N_PLUS_ONE = Sin(
    name="n-plus-one",
    title="Every order asks the database again for its customer, its items and their products",
    where="serializers.py:serialize_order",
    wrong="relationships load lazily, one query per order and item",
    repair="joinedload and selectinload fetch the page's relationships in three queries",
)
MISSING_INDEX = Sin(
    name="missing-index",
    title="Orders are filtered by status or customer and sorted by date without an index",
    where="routers/orders.py:list_orders",
    wrong="every page reads and sorts the whole table; free with 250 orders, not with two million",
    repair="composite indexes on (status, created_at) and (customer_id, created_at)",
)
SLOW_SERIALIZER = Sin(
    name="slow-serializer",
    title="Users are turned into JSON and back three times before they are sent",
    where="serializers.py:serialize_users",
    wrong="model, dict, JSON text, dict, model, dict, and the response model validates once more",
    repair="the endpoint returns its rows and the response model does the only pass",
)
MIDDLEWARE = Sin(
    name="middleware",
    title="Two middleware classes buffer, parse and rewrite every response body",
    where="middleware.py:RequestLogMiddleware",
    wrong="each response is read into memory, parsed as JSON and searched with regular expressions, on the event loop",
    repair="one pure ASGI middleware adds the headers and leaves bodies alone",
)
BLOCKING_LOGIN = Sin(
    name="blocking-login",
    title="The asynchronous login hashes passwords on the event loop",
    where="routers/auth.py:login",
    wrong="nobody else is served while one password is hashed",
    repair="the hash runs in the thread pool",
)
SMALL_POOL = Sin(
    name="small-pool",
    title="Five database connections for forty threads",
    where="database.py:create_shop_engine",
    wrong="pool_size=5 without overflow: the sixth busy request waits up to 30 seconds for a connection",
    repair="pool_size=20",
)
SHARED_HEALTH = Sin(
    name="shared-health",
    title="The health check queues for the same connections and threads as the customers",
    where="routers/health.py:database_health",
    wrong="when the pool is exhausted the health check fails too, and the orchestrator kills a shop that is only busy",
    repair="the health check answers without the pool",
)

SINS: tuple[Sin, ...] = (
    N_PLUS_ONE,
    MISSING_INDEX,
    SLOW_SERIALIZER,
    MIDDLEWARE,
    BLOCKING_LOGIN,
    SMALL_POOL,
    SHARED_HEALTH,
)
ALL_SINS: frozenset[str] = frozenset(sin.name for sin in SINS)


def parse_sins(text: str) -> frozenset[str]:
    """Read the names of a comma list; an empty list is no sin. Raises `UsageError` for a name that is no sin."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in ALL_SINS:
            raise _unknown(name)
    return frozenset(names)


def _unknown(name: str) -> UsageError:
    close = nearest(name, ALL_SINS)
    meant = f"; did you mean {close!r}?" if close else ""
    known = ", ".join(sin.name for sin in SINS)
    return UsageError(
        f"SHOP_SINS: the shop has no sin {name!r}{meant}",
        hint=f"use a comma list of: {known}; or an empty value for none",
    )
