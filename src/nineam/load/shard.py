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
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any, BinaryIO

import msgspec

from nineam.errors import ExitCode, NineamError
from nineam.load.engine import Engine
from nineam.load.journeys import line_of_frame
from nineam.model import Command, LoadEvent, LoadPlan

COLLECT_AFTER = 20_000  # allocations between garbage collections: the engine makes no cycles of its own

Emit = Callable[[LoadEvent], None]


def main() -> int:
    """Run the process; the exit code is 0, or 2 when the plan cannot be carried out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _raise_file_limit()
    emit = _emitter(_own_output())
    source = _own_input()
    line = source.readline()
    if not line:
        return ExitCode.OK
    try:
        plan = msgspec.json.decode(line, type=LoadPlan)
    except msgspec.MsgspecError as error:
        emit(_failed(f"the load plan is not understood: {error}"))
        return ExitCode.USAGE
    # no tidy end, which would wait for every task: a journey that refuses to end must not keep the process alive
    loop = _loop_factory()()
    return _run(loop, loop.create_task(_serve(plan, emit, source)), emit)


def _run(loop: asyncio.AbstractEventLoop, serving: "asyncio.Task[int]", emit: Emit) -> int:
    while True:
        try:
            return loop.run_until_complete(serving)
        except (SystemExit, KeyboardInterrupt):
            # out of a task that a journey has started: who awaits that task hears of it, the others go on
            if serving.done():
                raise
        except (asyncio.CancelledError, RuntimeError):
            # nothing of ours cancels this task or stops this loop
            if serving.done() and not serving.cancelled():
                raise
            what = "cancelled the tasks" if serving.cancelled() else "stopped the event loop"
            hint = "A journey may end its own tasks, not asyncio.all_tasks(), and never the loop they run on."
            emit(_failed(f"something in the journeys {what} of the load generator", hint=hint))
            return ExitCode.USAGE


async def _serve(plan: LoadPlan, emit: Emit, source: BinaryIO) -> int:
    try:
        engine = Engine(plan, lambda where: _give_up(emit, where))
    except NineamError as error:
        emit(_failed(error.message, error.details, error.hint))
        return ExitCode.USAGE
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
    commands: asyncio.Queue[Command] = asyncio.Queue()
    _read_commands(asyncio.get_running_loop(), engine, commands, source)
    _name_who_leaves(engine.journeys_file, emit)
    emit(LoadEvent(kind="ready", at_ns=time.perf_counter_ns()))
    while not engine.stopped:
        command = await commands.get()
        if command.phase is not None and not engine.stopped:
            try:
                await engine.run(command.phase, emit, command.begin_ns)
            except NineamError as error:
                emit(_failed(error.message, error.details, error.hint))
                return ExitCode.USAGE
    await engine.close()
    return ExitCode.OK


def _read_commands(
    loop: asyncio.AbstractEventLoop, engine: Engine, commands: "asyncio.Queue[Command]", source: BinaryIO
) -> None:
    def obey(command: Command) -> None:
        if command.stop:
            engine.stop()
        if command.end_phase:
            engine.end_phase()
        commands.put_nowait(command)

    def read() -> None:
        decoder = msgspec.json.Decoder(Command)
        for line in source:
            with contextlib.suppress(RuntimeError):  # the loop is closed: this process is on its way out
                loop.call_soon_threadsafe(obey, decoder.decode(line))
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)  # with what the journeys have started: nobody else is left to end it
        os._exit(ExitCode.OK)

    threading.Thread(target=read, name="nineam-commands", daemon=True).start()


def _emitter(descriptor: int) -> Emit:
    encode = msgspec.json.Encoder().encode
    lock = threading.Lock()

    def emit(event: LoadEvent) -> None:
        try:
            data = encode(event) + b"\n"
        except UnicodeEncodeError:  # half a character in a name
            data = encode(_whole(msgspec.to_builtins(event))) + b"\n"
        try:
            with lock:
                while data:
                    data = data[os.write(descriptor, data) :]
        except BrokenPipeError:
            os._exit(ExitCode.OK)

    return emit


def _whole(value: Any) -> Any:
    """Spell out what no text can contain, in every string of a record."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(each) for key, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list | tuple) else value


def _own_input() -> BinaryIO:
    """Keep the real standard input; a journey that reads finds it empty, and may close it."""
    descriptor = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return os.fdopen(descriptor, "rb")


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


def _name_who_leaves(journeys_file: str, emit: Emit) -> None:
    """Let `os._exit` out of the journeys say where it was called, before it ends the process as ever."""
    own, leave = os.getpid(), os._exit

    def say_and_leave(code: int) -> None:
        frame: FrameType | None = sys._getframe(1)
        where = line_of_frame(frame, journeys_file) if os.getpid() == own else ""
        if where:
            hint = "An iteration ends with `return`; os._exit ends the load of everybody."
            emit(_failed(f"{where} ended the load process: os._exit({code})", hint=hint))
        leave(code)

    os._exit = say_and_leave  # type: ignore[assignment]


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
    try:
        code = main()
    except BaseException:  # noqa: BLE001 - the controller reads it
        traceback.print_exc()
        code = ExitCode.INTERNAL
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)  # an ordinary exit would wait for the thread that reads standard input
