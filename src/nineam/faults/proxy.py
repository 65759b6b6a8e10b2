"""The proxy process: `python -m nineam.faults.proxy`.

Reads one line of JSON, a `ProxyPlan`, from standard input; answers with one line, a `Reply`, on standard output, and
obeys its control socket from then on. The end of the input means that the controller is gone: the process removes its
socket and exits at once, whatever faults are at work. An interrupt from the terminal is left to the controller.
"""

import asyncio
import contextlib
import ctypes
import gc
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import msgspec

from nineam.errors import ExitCode, NineamError
from nineam.faults.control import Control
from nineam.faults.messages import ProxyPlan, Reply
from nineam.faults.passage import Passage, passages

COLLECT_AFTER = 20_000
LOOK_EVERY_S = 1.0
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
KEPT_BYTES = 32 * 2**20


def main() -> int:
    """Run the process; the exit code is 0, or 2 when the plan cannot be carried out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _raise_file_limit()
    _keep_freed_memory()
    line = sys.stdin.buffer.readline()
    if not line:
        return ExitCode.OK
    try:
        plan = msgspec.json.decode(line, type=ProxyPlan)
    except msgspec.MsgspecError as problem:
        _say(Reply(message=f"the plan of the fault proxy is not understood: {problem}", exit_code=ExitCode.USAGE))
        return ExitCode.USAGE
    loop = _loop_factory()()
    directory = Path(tempfile.mkdtemp(prefix="nineam-faults-"))
    try:
        return loop.run_until_complete(_serve(loop, plan, directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _serve(loop: asyncio.AbstractEventLoop, plan: ProxyPlan, directory: Path) -> int:
    stop = asyncio.Event()
    try:
        opened = passages(loop, plan.upstreams, plan.seed, plan.allowed)
        control = Control(opened, plan.token, stop.set)
        await control.start(directory)
    except NineamError as problem:
        code = problem.exit_code
        _say(Reply(message=problem.message, details=problem.details, hint=problem.hint, exit_code=code))
        return code
    except OSError as problem:
        _say(Reply(message=f"the control socket cannot be made: {problem}", exit_code=ExitCode.INTERNAL))
        return ExitCode.INTERNAL
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    _die_with_the_controller(loop, plan.parent, lambda: _end(opened, directory))
    ports = {name: passage.listener.port for name, passage in opened.items()}
    _say(Reply(ports=ports, directory=str(directory)))
    await stop.wait()
    control.close()
    _close(opened)
    return ExitCode.OK


def _close(opened: dict[str, Passage]) -> None:
    for passage in opened.values():
        passage.close()


def _end(opened: dict[str, Passage], directory: Path) -> NoReturn:
    with contextlib.suppress(Exception):
        _close(opened)
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(ExitCode.OK)


def _die_with_the_controller(loop: asyncio.AbstractEventLoop, parent: int, leave: Callable[[], NoReturn]) -> None:
    """Exit when standard input ends; or when the parent is another: a child of the controller's may hold the input.

    (The signal on a parent's death would come when the thread that started this process ends, which is too early.)
    """

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            if not os.read(0, 4096):
                leave()

    def look() -> None:
        if os.getppid() != parent:
            leave()
        loop.call_later(LOOK_EVERY_S, look)

    os.set_blocking(0, False)
    loop.add_reader(0, read)
    look()


def _say(reply: Reply) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(1, msgspec.json.encode(reply) + b"\n")


def _raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _keep_freed_memory() -> None:
    """Let glibc's mallopt(3) keep what is freed: else pages are fetched anew for each large answer."""
    with contextlib.suppress(AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - does not exist everywhere
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


if __name__ == "__main__":
    sys.exit(main())
