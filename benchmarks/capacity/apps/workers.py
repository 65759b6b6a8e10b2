"""Two workers that serve one request at a time, each for 30 ms: some 65 a second."""

import time
from collections.abc import Callable, Iterable
from typing import Any

TAKES_S = 0.030


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer anything, after a while."""
    del environ
    time.sleep(TAKES_S)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
