"""The load process: `python -m nineam.load.shard`.

Reads one line of JSON, a `LoadPlan`, then lines of `Command`, from standard input; writes lines of `LoadEvent`
to standard output. The end of the input means that the controller is gone: the process exits at once.
An interrupt from the terminal is left to the controller.
"""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable

import msgspec

from nineam.errors import ExitCode, NineamError
from nineam.load.engine import Engine
from nineam.model import Command, LoadEvent, LoadPlan

COLLECT_AFTER = 20_000  # allocations between garbage collections: the engine makes no cycles of its own

Emit = Callable[[LoadEvent], None]


def main() -> int:
    """Run the process; the exit code is 0, or 2 when the plan cannot be carried out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _raise_file_limit()
    emit = _emitter(_own_output())
    line = sys.stdin.buffer.readline()
    if not line:
        return ExitCode.OK
    try:
        plan = msgspec.json.decode(line, type=LoadPlan)
    except msgspec.MsgspecError as error:
        emit(_failed(f"the load plan is not understood: {error}"))
        return ExitCode.USAGE
    # no tidy end, which would wait for every task: a journey that refuses to end must not keep the process alive
    return _loop_factory()().run_until_complete(_serve(plan, emit))


async def _serve(plan: LoadPlan, emit: Emit) -> int:
    try:
        engine = Engine(plan, lambda where: _give_up(emit, where))
    except NineamError as error:
        emit(_failed(error.message, error.details, error.hint))
        return ExitCode.USAGE
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
    commands: asyncio.Queue[Command] = asyncio.Queue()
    _read_commands(asyncio.get_running_loop(), engine, commands)
    emit(LoadEvent(kind="ready", at_ns=time.perf_counter_ns()))
    while not engine.stopped:
        command = await commands.get()
        if command.phase is not None and not engine.stopped:
            await engine.run(command.phase, emit)
    await engine.close()
    return ExitCode.OK


def _read_commands(loop: asyncio.AbstractEventLoop, engine: Engine, commands: "asyncio.Queue[Command]") -> None:
    def obey(command: Command) -> None:
        if command.stop:
            engine.stop()
        commands.put_nowait(command)

    def read() -> None:
        decoder = msgspec.json.Decoder(Command)
        for line in sys.stdin.buffer:
            with contextlib.suppress(RuntimeError):  # the loop is closed: this process is on its way out
                loop.call_soon_threadsafe(obey, decoder.decode(line))
        os._exit(ExitCode.OK)

    threading.Thread(target=read, name="nineam-commands", daemon=True).start()


def _emitter(descriptor: int) -> Emit:
    encode = msgspec.json.Encoder().encode
    lock = threading.Lock()

    def emit(event: LoadEvent) -> None:
        data = encode(event) + b"\n"
        try:
            with lock:
                while data:
                    data = data[os.write(descriptor, data) :]
        except BrokenPipeError:
            os._exit(ExitCode.OK)

    return emit


def _own_output() -> int:
    """Keep the real standard output; what a journey prints goes to standard error instead."""
    sys.stdout.flush()
    descriptor = os.dup(1)
    os.dup2(2, 1)
    return descriptor


def _failed(message: str, details: tuple[str, ...] = (), hint: str = "") -> LoadEvent:
    return LoadEvent(kind="failed", at_ns=time.perf_counter_ns(), message=message, details=details, hint=hint)


def _give_up(emit: Emit, where: str) -> None:
    place = where or "something in this process"
    hint = "A journey must await: use `await user.think(...)` and asyncio libraries, not time.sleep or blocking calls."
    emit(_failed(f"{place} has held the load generator for half a minute", hint=hint))
    os._exit(ExitCode.USAGE)


def _raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - does not exist everywhere
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # an ordinary exit would wait for the thread that reads standard input
