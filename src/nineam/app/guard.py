"""The guard: a small process between the controller and the application that leaves no orphan.

    python guard.py [--uid N] [--gid N] [--grace S] [--report-fd N] -- COMMAND ...

It starts COMMAND in a session of its own and waits. When its standard input ends (the controller asked
it to stop, or died in whatever way) or it is told to terminate, it sends SIGTERM to everything COMMAND
started, and SIGKILL `--grace` seconds later to what is left. It prints nothing and ends with COMMAND's
exit code (128 + N for signal N). Only the standard library: it must start fast and isolated (`-I -S`).
"""

import argparse
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

NOT_EXECUTABLE = 126
NOT_FOUND = 127
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
POLL_S = 0.05
"""How often the process table is read while descendants are being ended (seconds)."""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Options and the command after `--`; argparse ends the process with 2 on wrong usage."""
    parser = argparse.ArgumentParser(prog="guard", description="run COMMAND; end it with me")
    parser.add_argument("--uid", type=int, default=None)
    parser.add_argument("--gid", type=int, default=None)
    parser.add_argument("--grace", type=float, default=5.0)
    parser.add_argument("--report-fd", type=int, default=None)
    parser.add_argument("command", nargs="+")
    return parser.parse_args(list(arguments))


def process_control(option: int, value: int) -> None:
    """Linux prctl(2), best effort: other systems go without."""
    try:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
    except (OSError, AttributeError):
        return


def parents() -> dict[int, tuple[int, int]]:
    """For every process that is not a zombie its (parent, process group), from /proc or else from ps."""
    if not Path("/proc/self/stat").exists():
        return _parents_from_ps()
    found = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - Path objects would triple the cost of a scan
        if not name.isdigit():
            continue
        try:
            text = Path("/proc", name, "stat").read_text(errors="replace")
        except OSError:
            continue
        state, parent, group = text.rpartition(")")[2].split()[:3]
        if state not in "ZX":
            found[int(name)] = (int(parent), int(group))
    return found


def _parents_from_ps() -> dict[int, tuple[int, int]]:
    """Ask ps(1) the same, which every POSIX system has."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pgid=,stat="], capture_output=True, text=True, check=False
    ).stdout
    rows = [line.split() for line in listing.splitlines()]
    return {int(row[0]): (int(row[1]), int(row[2])) for row in rows if len(row) == 4 and not row[3].startswith("Z")}


def descendants(root: int, table: dict[int, tuple[int, int]]) -> list[int]:
    """Pids below `root`, parents before children."""
    below: dict[int, list[int]] = {}
    for pid, (parent, _) in table.items():
        below.setdefault(parent, []).append(pid)
    found, waiting = [], [root]
    while waiting:
        children = below.get(waiting.pop(0), [])
        found += children
        waiting += children
    return found


def quietly(send: Callable[[int, int], None], target: int, number: int) -> None:
    """Send a signal to a process or group that may be gone already."""
    try:
        send(target, number)
    except (ProcessLookupError, PermissionError):
        return


class Guard:
    """One command, its exit code, and everything it started."""

    def __init__(self, process: subprocess.Popen[bytes], grace_s: float) -> None:
        self.process = process
        self.grace_s = grace_s
        self.exit_code: int | None = None

    def reap(self) -> None:
        """Collect every ended child, adopted ones included; note the command's own exit code."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.process.pid:
                code = os.waitstatus_to_exitcode(status)
                self.exit_code = code if code >= 0 else 128 - code
                self.process.returncode = code  # so that Popen never waits for a pid that may be reused

    def watch(self, stdin: int, wakeup: int, stopping: Callable[[], bool]) -> None:
        """Sleep until the command ends, the standard input ends, or a stop was asked for."""
        self.reap()
        while self.exit_code is None and not stopping():
            ready, _, _ = select.select([stdin, wakeup], [], [])
            if wakeup in ready:
                os.read(wakeup, 4096)
            self.reap()
            if stdin in ready and not os.read(stdin, 4096):
                return

    def left(self) -> dict[int, tuple[int, int]]:
        """List what still lives: descendants, and whoever else is in the command's process group."""
        table = parents()
        mine = set(descendants(os.getpid(), table))
        mine |= {pid for pid, (_, group) in table.items() if group == self.process.pid}
        return {pid: table[pid] for pid in mine}

    def signal_left(self, number: int) -> bool:
        """Signal the group at once and those who left it one by one; whether anybody was there."""
        left = self.left()
        if any(group == self.process.pid for _, group in left.values()):
            quietly(os.killpg, self.process.pid, number)
        for pid, (_, group) in left.items():
            if group != self.process.pid:
                quietly(os.kill, pid, number)
        return bool(left)

    def end(self, wakeup: int) -> None:
        """SIGTERM to all, up to the grace period for them to go, then SIGKILL until nobody is left."""
        deadline = time.monotonic() + self.grace_s
        alive = self.signal_left(signal.SIGTERM)
        while alive and time.monotonic() < deadline:
            ready, _, _ = select.select([wakeup], [], [], POLL_S)
            if ready:
                os.read(wakeup, 4096)
            self.reap()
            alive = bool(self.left())
        deadline = time.monotonic() + self.grace_s
        while self.signal_left(signal.SIGKILL) and time.monotonic() < deadline:
            select.select([wakeup], [], [], POLL_S / 5)
            self.reap()
        self.reap()


def start(options: argparse.Namespace) -> subprocess.Popen[bytes]:
    """Start the command in its own session; it is told to terminate should the guard itself be killed."""
    return subprocess.Popen(
        options.command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        user=options.uid,
        group=options.gid,
        extra_groups=None if options.gid is None else [],
        preexec_fn=lambda: process_control(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 - one thread only
    )


def report(descriptor: int | None, text: str) -> None:
    """One line to whoever started the guard: the pid, or why there is none."""
    if descriptor is not None:
        try:
            os.write(descriptor, (text + "\n").encode())
            os.close(descriptor)
        except OSError:
            return


def run(arguments: Sequence[str], stdin: int = 0) -> int:
    """Run the command to its end; the exit code to end with (126/127: it could not be started)."""
    options = parse(arguments)
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: told.append(received))
    # a handler, not SIG_IGN: what is ignored stays ignored in the command
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    process_control(PR_SET_CHILD_SUBREAPER, 1)
    try:
        process = start(options)
    except (OSError, subprocess.SubprocessError) as problem:
        report(options.report_fd, f"error: {problem}")
        return NOT_FOUND if isinstance(problem, FileNotFoundError) else NOT_EXECUTABLE
    report(options.report_fd, str(process.pid))
    guard = Guard(process, options.grace)
    guard.watch(stdin, wakeup, lambda: bool(told))
    guard.end(wakeup)
    return guard.exit_code if guard.exit_code is not None else 128 + signal.SIGKILL


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
