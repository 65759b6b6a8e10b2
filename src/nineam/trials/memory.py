"""What the processes of an application hold in memory, once and while something happens."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

import psutil

EVERY_S = 0.05
CONTAINER = Path("/sys/fs/cgroup")


def resident(pids: Iterable[int]) -> float:
    """Sum what some processes hold, in bytes; those that are gone hold nothing."""
    total = 0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            total += psutil.Process(pid).memory_info().rss
    return float(total)


def available(limits: Path = CONTAINER) -> float:
    """Bytes that this machine could still give, or the container that it is (its `limits`, of cgroups' version 2)."""
    free = float(psutil.virtual_memory().available)
    with contextlib.suppress(OSError, ValueError):  # no container, or none with a limit (`max`)
        most = float((limits / "memory.max").read_text())
        return max(0.0, min(free, most - float((limits / "memory.current").read_text())))
    return free


class Highest:
    """The most that was held while the block lasted; `held` is asked again and again, in a thread."""

    def __init__(self, held: Callable[[], float]) -> None:
        self.bytes = 0.0
        self._held = held
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Highest":
        """Begin to look."""
        await self._look()
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Look once more, and no longer."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._look()

    async def _look(self) -> None:
        self.bytes = max(self.bytes, await asyncio.to_thread(self._held))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self._look()
