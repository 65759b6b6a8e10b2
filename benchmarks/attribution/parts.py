"""What several applications pay beside middlewares, views and the database."""

import hashlib
import logging
import os
import threading

import redis
import requests

from benchmarks.attribution import ledger, plan

SERVICE = os.environ["ATTRIBUTION_SLEEPER"]


class Handler(logging.Handler):
    """A handler that computes."""

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - logging's own signature
        """Spin."""
        ledger.spin("logging", plan.LOGGING)


log = logging.getLogger("attribution")
log.addHandler(Handler())
log.propagate = False

_own = threading.local()


def password() -> None:
    """Hash a password."""
    with ledger.timed("password_hash"):
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", plan.PASSWORD_ROUNDS)


def lock() -> None:
    """Wait for something that another thread says."""
    said = threading.Event()
    with ledger.timed("view"):  # starting a thread waits until it runs
        threading.Timer(plan.LOCK / 1000, said.set).start()
    with ledger.timed("lock_wait"):
        said.wait()


def call() -> None:
    """Ask other services, over this thread's connections."""
    if not hasattr(_own, "client"):
        _own.client = requests.Session()
        _own.cache = redis.Redis.from_url(SERVICE.replace("http", "redis"))
    with ledger.timed("http_client+http_connect"):
        _own.client.get(f"{SERVICE}/{plan.OUTGOING}")
    with ledger.timed("cache"):
        _own.cache.get(str(plan.CACHE_WAIT))
