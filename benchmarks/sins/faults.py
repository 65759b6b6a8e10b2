"""The faults: what each is called, which answers are right, and where its line is.

The line is marked in each application with a comment `# sin: NAME`; a finding in the function of that line is right.
"""

from typing import NamedTuple


class Fault(NamedTuple):
    """`layers` are the layers that may be blamed for it, `codes` the findings that name it."""

    name: str
    layers: tuple[str, ...]
    codes: tuple[str, ...]


DATABASE = ("db_execute", "db_fetch", "orm", "hydration")
CALLS = ("http_client", "http_connect")

FAULTS: tuple[Fault, ...] = (
    Fault("n-plus-one", DATABASE, ("n-plus-one",)),
    Fault("duplicate-query", DATABASE, ("duplicate-query",)),
    Fault("slow-query", ("db_execute", "db_fetch"), ("slow-query",)),
    Fault("orm-hydration", ("hydration", "db_fetch", "orm"), ("orm-hydration",)),
    Fault("slow-serializer", ("serializer",), ("slow-serializer",)),
    Fault("slow-template", ("template",), ("slow-template",)),
    Fault("middleware-tax", ("middleware:Tax",), ("middleware-tax",)),
    Fault("small-pool", ("pool_wait", "db_execute"), ("pool-exhausted",)),
    Fault("connection-held", ("pool_wait", *CALLS), ("connection-held", "slow-dependency")),
    Fault("row-lock", ("db_execute",), ("lock-contention",)),
    Fault("password-hash", ("password_hash",), ("blocking-call", "workers-exhausted", "gil-bound")),
    Fault("slow-view", ("view",), ("blocking-call", "workers-exhausted", "threadpool-exhausted")),
    Fault("slow-dependency", CALLS, ("slow-dependency",)),
    Fault("n-plus-one-http", CALLS, ("n-plus-one-http",)),
    Fault("chatty-logging", ("logging",), ("chatty-logging",)),
    Fault("lock", ("lock_wait",), ("lock-contention",)),
)
