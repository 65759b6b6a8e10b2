"""What is measured: how each application is served, and about what it can do."""

import sys
from typing import NamedTuple

UVICORN = (sys.executable, "-m", "uvicorn", "--log-level", "error", "--no-access-log", "--port", "{port}")
GUNICORN = (sys.executable, "-m", "gunicorn", "--log-level", "error", "--bind", "127.0.0.1:{port}")


class Application(NamedTuple):
    """`serve` is the command, with `{port}`. `about` a second is where the reference looks, not what is compared with.

    Those that only `wait` leave the CPU alone, so that several may be measured side by side.
    """

    name: str
    serve: tuple[str, ...]
    about: float
    waits: bool = True


APPLICATIONS: tuple[Application, ...] = (
    Application("cpu", (*UVICORN, "benchmarks.capacity.apps.cpu:app"), 95.0, waits=False),
    Application("pool", (*UVICORN, "benchmarks.capacity.apps.pool:app"), 78.0),
    Application(
        "lock",
        (*GUNICORN, "--worker-class", "gthread", "--threads", "16", "benchmarks.capacity.apps.lock:app"),
        65.0,
    ),
    Application("workers", (*GUNICORN, "--workers", "2", "benchmarks.capacity.apps.workers:app"), 63.0),
)


def lanes(applications: tuple[Application, ...], *, one_by_one: bool) -> list[list[Application]]:
    """Group what is measured at the same time: what waits together, what computes alone."""
    if one_by_one:
        return [[one] for one in applications]
    alone = [[one] for one in applications if not one.waits]
    together = [one for one in applications if one.waits]
    return alone + ([together] if together else [])
