"""The truth, written down inside the application: one page per request, with what was paid in each layer.

Standard library only, as all that the applications import to be measured.
"""

import gc
import json
import time
from contextvars import ContextVar
from typing import Any

clock = time.perf_counter_ns

page_now: ContextVar["Page | None"] = ContextVar("page", default=None)
_closed: list["Page"] = []


class Page:
    """One request: the instant at which it was sent is its name; its costs are listed per layer.

    It ends with the last byte of the answer: what is paid afterwards makes nobody wait.
    """

    def __init__(self, sent: int, path: str) -> None:
        self.sent = sent
        self.path = path
        self.answered = 0
        self.costs: dict[str, list[Cost]] = {}
        self.noted_ns = self.paused_ns = self.paused_at = 0

    def told(self) -> dict[str, Any]:
        """Give the page as data."""
        costs = {layer: [(cost.took_ns, cost.ideal_ns) for cost in costs] for layer, costs in self.costs.items()}
        return {"sent": self.sent, "path": self.path, "costs": costs}


class Cost:
    """Something that was paid: nanoseconds; and what it takes without a queue for the loop, when that is known."""

    def __init__(self, took_ns: int = 0) -> None:
        self.began = clock()
        self.paused_ns = paused()
        self.took_ns = took_ns
        self.ideal_ns: int | None = None

    def end(self) -> None:
        """It is paid; what the garbage collector has taken meanwhile is no part of it."""
        self.took_ns = clock() - self.began - (paused() - self.paused_ns)

    def ideal(self, milliseconds: float) -> None:
        """Say what the resource itself took, by its own clock; also afterwards, when its answer is read."""
        self.ideal_ns = round(milliseconds * 1e6)

    def waited_until(self, instant: int) -> None:
        """Say when what it waited for was there (nanoseconds of the clock); all else that it took is not its own."""
        self.took_ns = self.ideal_ns = max(0, instant - self.began)


def note(layer: str, took_ns: int) -> None:
    """Write a cost on the page of the request under way; without one it goes nowhere.

    `a+b` is a layer or another: where an application cannot tell them apart they are compared together.
    """
    keep(layer, Cost(took_ns))


def keep(layer: str, cost: Cost) -> None:
    """Write a cost that was measured by hand."""
    page = page_now.get()
    if page is not None and not page.answered:
        page.costs.setdefault(layer, []).append(cost)
        page.noted_ns += cost.took_ns


def paused() -> int:
    """Give the nanoseconds that full garbage collections have taken from the request under way."""
    page = page_now.get()
    return page.paused_ns if page is not None else 0


def _collecting(phase: str, info: dict[str, int]) -> None:
    page = page_now.get()
    if page is None or info["generation"] < 2:
        return
    if phase == "start":
        page.paused_at = clock()
    else:
        taken = clock() - page.paused_at
        page.paused_ns += taken
        keep("gc", Cost(taken))


def watch_collections() -> None:
    """Note full collections from now on, as a layer of their own."""
    if _collecting not in gc.callbacks:
        gc.callbacks.append(_collecting)


def close(page: Page) -> None:
    """Put a page into the book."""
    _closed.append(page)


def pages() -> bytes:
    """Give every closed page as JSON, and begin a new book."""
    taken = _closed.copy()
    _closed.clear()
    return json.dumps([page.told() for page in taken]).encode()
