"""Payloads from an OpenAPI document: asks the process that makes them, and does with what it made in time."""

import asyncio
import contextlib
import importlib.util
import os
import sys
from typing import NamedTuple

import msgspec

from nineam.model import Payload
from nineam.payloads.order import Order

INSTALL = "pip install 'nineam[payloads]'"
LONGEST_LINE = 2_000_000
SECONDS = 60.0


class Generated(NamedTuple):
    """What was made; `problem` says why it is less than was ordered."""

    payloads: tuple[Payload, ...] = ()
    problem: str = ""


def is_installed() -> bool:
    """Whether schemathesis can be asked."""
    return importlib.util.find_spec("schemathesis") is not None


async def generate(order: Order, seconds: float = SECONDS) -> Generated:
    """Let schemathesis make payloads, at most so many seconds long. Raises nothing for what the document is like."""
    if not is_installed():
        return Generated(problem=f"schemathesis is not installed: {INSTALL}")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "nineam.payloads.making",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ) | {"PYTHONHASHSEED": "0"},
        limit=LONGEST_LINE,
    )
    made: list[Payload] = []
    try:
        async with asyncio.timeout(seconds):
            return await _collected(process, msgspec.json.encode(order), made)
    except TimeoutError:
        return Generated(tuple(made), f"schemathesis was stopped after {seconds:g} s")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _collected(process: asyncio.subprocess.Process, order: bytes, made: list[Payload]) -> Generated:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    said = asyncio.ensure_future(process.stderr.read())
    try:
        with contextlib.suppress(OSError):
            process.stdin.write(order)
            await process.stdin.drain()
            process.stdin.close()
        async for line in process.stdout:
            made.append(msgspec.json.decode(line, type=Payload))
        code = await process.wait()
        last = ((await said).decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
    finally:
        said.cancel()
    return Generated(tuple(made), f"schemathesis gave up: {last}" if code else "")
