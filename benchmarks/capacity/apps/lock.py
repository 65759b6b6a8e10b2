"""Sixteen threads, and every request holds the one lock for 15 ms: some 66 a second."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

HOLDS_S = 0.015
LOCK = threading.Lock()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer anything, once the lock was free."""
    del environ
    with LOCK:
        time.sleep(HOLDS_S)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
