"""What the tests of the application stage share: the sample applications and deadlines instead of sleeps."""

import os
import select
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

APPS = Path(__file__).parents[2] / "apps"


@pytest.fixture
def apps() -> Path:
    return APPS


@pytest.fixture
def plain_env() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def eventually() -> Callable[[Callable[[], object], float], None]:
    """Poll a condition until it holds; fail after the deadline."""

    def wait(condition: Callable[[], object], limit_s: float = 15.0) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, "the condition did not hold in time"
            select.select([], [], [], 0.02)

    return wait


@pytest.fixture
def all_gone(eventually) -> Callable[..., None]:
    """Wait until none of the pids is alive."""

    def wait(pids, limit_s: float = 15.0) -> None:
        eventually(lambda: not any(alive(pid) for pid in pids), limit_s)

    return wait
