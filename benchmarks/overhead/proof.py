"""That a watcher really watches: what it saw of one request, as numbers by name."""

import json
import time

from benchmarks.overhead.listening import Listener
from benchmarks.overhead.serving import Served

TELLS_WITHIN_S = 5.0


def proof(served: Served, path: str, listener: Listener) -> dict[str, int]:
    """Send one request and give what was seen of it; empty for who says nothing.

    Raises `RuntimeError` when the agent does not tell.
    """
    if served.watcher.injected:
        return _told(served, path, listener)
    served.client.ask(path)
    numbers = json.loads(served.client.ask("/seen"))
    return {name: int(number) for name, number in numbers.items()}


def _told(served: Served, path: str, listener: Listener) -> dict[str, int]:
    time.sleep(0.3)  # an answer to /seen may still be on its way
    listener.seen.clear()
    listener.keeping = True
    served.client.ask(path)
    until = time.monotonic() + TELLS_WITHIN_S
    while not listener.seen:
        if time.monotonic() > until:
            raise RuntimeError("the agent told nothing")
        time.sleep(0.02)
    listener.keeping = False
    return listener.seen[0]._asdict()
