"""What the processes and the machine are doing, ten times a second; anything unreadable is left out."""

import asyncio
import time
from collections.abc import Callable, Iterable

import msgspec
import psutil

from nineam.store.writer import Writer

EVERY_S = 0.1
MACHINE = 0
"""The process number under which these gauges are kept."""

Pids = Callable[[], Iterable[int]]


class MachineWatch:
    """Reads CPU seconds, memory and threads of groups of processes; `groups` maps a name to its pids."""

    def __init__(self, writer: Writer, groups: dict[str, Pids]) -> None:
        self._writer = writer
        self._groups = groups
        self._known: dict[int, psutil.Process] = {}

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            self.read()
            await asyncio.sleep(EVERY_S)

    def read(self) -> None:
        """Read once and write it down."""
        values = self._system()
        for group, pids in self._groups.items():
            values |= {f"{group}.{key}": number for key, number in self._group(pids()).items()}
        row = (time.perf_counter_ns(), MACHINE, msgspec.json.encode(values).decode())
        self._writer.insert("gauge", [row])

    def _group(self, pids: Iterable[int]) -> dict[str, float]:
        sums = {"cpu_s": 0.0, "rss": 0.0, "threads": 0.0, "processes": 0.0}
        for pid in pids:
            try:
                process = self._known.get(pid) or self._known.setdefault(pid, psutil.Process(pid))
                with process.oneshot():
                    times = process.cpu_times()
                    sums["cpu_s"] += times.user + times.system
                    sums["rss"] += process.memory_info().rss
                    sums["threads"] += process.num_threads()
                    sums["processes"] += 1
            except psutil.Error:
                self._known.pop(pid, None)
        return sums

    @staticmethod
    def _system() -> dict[str, float]:
        times = psutil.cpu_times()
        busy = sum(times) - times.idle - getattr(times, "iowait", 0.0)
        return {"system.cpu_s": busy, "system.steal_s": getattr(times, "steal", 0.0)}
