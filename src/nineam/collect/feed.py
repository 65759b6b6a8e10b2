"""The controller's end of the agents' socket: who may speak, and frames back into records."""

import asyncio
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from nineam.agent import wire
from nineam.model import Record

LARGEST_FRAME = 8 * 2**20
MOST_SAMPLES = 2**31
MOST_COLUMNS = 200
LARGEST_VALUES = 2**40


class Query(Record, frozen=True, kw_only=True):
    """One statement from one line within one request; `caller` is the line that called that one's function.

    `ns` is executing, `fetch_ns` fetching what it gave afterwards, `rows` of them.
    """

    statement: str
    site: str
    relation: str
    count: int
    distinct: int
    ns: int
    rows: int = 0
    fetch_ns: int = 0
    caller: str = ""


class Spot(Record, frozen=True, kw_only=True):
    """Calls into one layer from one line, which `caller` has called, within one request."""

    layer: str
    site: str
    calls: int
    ns: int
    caller: str = ""


class SeenRequest(Record, frozen=True, kw_only=True):
    """One request as an agent saw it; `wait_ns` is from being sent to the application's first line."""

    at_ns: int
    total_ns: int
    wait_ns: int
    steps_ns: int
    longest_ns: int
    endpoint: str
    status: int
    layers: dict[str, int]
    queries: tuple[Query, ...]
    spots: tuple[Spot, ...]


class Feed:
    """Listens for agents. Every frame of an agent that knows the token goes to `sink(process, kind, value)`."""

    def __init__(self, directory: Path, sink: Callable[[int, int, Any], None]) -> None:
        self.path = directory / "agent.sock"
        self.token = secrets.token_hex(16)
        self._sink = sink
        self._server: asyncio.Server | None = None
        self.hellos: list[dict[str, Any]] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._on = True
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen, on a socket that only this user can reach."""
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self.path)
        finally:
            os.umask(before)

    def switch(self, *, on: bool) -> None:
        """Tell every agent to look away, or to look again; they obey within a tenth of a second."""
        self._on = on
        for writer in self._writers:
            writer.write(b"1\n" if on else b"0\n")

    def slow(self, percent: float, endpoint: str = "", layer: str = "") -> None:
        """Tell every agent to slow down a layer (of an endpoint) by so many percent of what it takes; 0 ends it."""
        can_be_said = not {"\t", "\n"} & {*endpoint, *layer}
        line = f"{percent:g}\t{endpoint}\t{layer}\n" if can_be_said else "0\t\t\n"
        for writer in self._writers:
            writer.write(wire.SLOW + line.encode())

    async def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._writers):
            writer.close()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=1.0)
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._read(reader)
        except (
            OSError,
            EOFError,
            ArithmeticError,
            ValueError,
            KeyError,
            TypeError,
            RecursionError,
            msgspec.MsgspecError,
        ):
            pass  # an agent that went away, or something that is not an agent: its records so far stand
        except asyncio.CancelledError:
            pass  # the run is being taken down; a cancelled server task would be reported as an error
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        kind, payload = await _frame(reader)
        hello = msgspec.json.decode(payload, type=dict[str, Any]) if kind == wire.HELLO else {}
        if not secrets.compare_digest(str(hello.get("token", "")).encode(), self.token.encode()):
            return
        process = int(hello["pid"])
        self.hellos.append(hello)
        self._sink(process, wire.HELLO, hello)
        names = Names()
        while True:
            kind, payload = await _frame(reader)
            if kind == wire.DEFINE:
                names.define(*msgspec.json.decode(payload))
            elif kind == wire.REQUESTS:
                for request in unpack(payload, names):
                    self._sink(process, kind, request)
            else:
                self._sink(process, kind, names.resolved(kind, msgspec.json.decode(payload)))


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    length, kind = wire.FRAME.unpack(await reader.readexactly(wire.FRAME.size))
    if length > LARGEST_FRAME:
        raise ValueError("frame too large")
    return kind, await reader.readexactly(length)


class Names:
    """The strings behind one agent's numbers."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[int, str]] = {kind: {0: ""} for kind in wire.NAME_KINDS}
        self._tables["layer"] = dict(enumerate(wire.FIXED_LAYERS))

    def define(self, kind: str, number: int, value: str) -> None:
        """Learn a name."""
        self._tables[kind][number] = value

    def get(self, kind: str, number: int) -> str:
        """Return the string of a number; a number nobody defined is shown as such."""
        return self._tables[kind].get(number, f"#{number}")

    def resolved(self, kind: int, value: Any) -> Any:
        """Return a JSON frame with its numbers replaced."""
        if kind == wire.BLOCKED:
            return value | {key: self.get(key, value[key]) for key in ("endpoint", "layer", "site")}
        if kind == wire.SAMPLES:
            return [self._stack(*row) for row in value]
        if kind == wire.COLUMNS:
            return self._columns(*value)
        return value

    def _stack(self, at: int, endpoint: int, layer: int, stack: int, samples: int) -> list[Any]:
        count = min(int(samples), MOST_SAMPLES)
        return [at, self.get("endpoint", endpoint), self.get("layer", layer), self._frames(stack), count]

    def _columns(self, statement: int, rows: int, columns: list[tuple[str, int]]) -> list[Any]:
        sizes = [(str(name), min(int(size), LARGEST_VALUES)) for name, size in columns[:MOST_COLUMNS]]
        return [self.get("statement", statement), min(int(rows), MOST_SAMPLES), sizes]

    def _frames(self, stack: int) -> list[str]:
        """Return the frames of a stack, root first; those of one stack too many are not known."""
        numbers = self.get("stack", stack).split(",")
        return [self.get("frame", int(number)) for number in numbers if number.isdecimal()]


def unpack(payload: bytes, names: Names) -> Iterator[SeenRequest]:
    """Yield the request records packed into a frame; raises ValueError when it is not a whole number of them."""
    offset = 0
    while offset < len(payload):
        if offset + wire.REQUEST.size > len(payload):
            raise ValueError("cut off")
        at, total, sent, steps, longest, endpoint, status, *counts = wire.REQUEST.unpack_from(payload, offset)
        offset += wire.REQUEST.size
        parts = []
        for form, count in zip((wire.LAYER, wire.QUERY, wire.SPOT), counts, strict=True):
            end = offset + form.size * count
            if end > len(payload):
                raise ValueError("cut off")
            parts.append(form.iter_unpack(payload[offset:end]))
            offset = end
        yield SeenRequest(
            at_ns=at,
            total_ns=total,
            wait_ns=max(0, at - sent) if sent else 0,
            steps_ns=steps,
            longest_ns=longest,
            endpoint=names.get("endpoint", endpoint),
            status=status,
            layers={names.get("layer", layer): ns for layer, ns in parts[0]},
            queries=tuple(_query(names, *row) for row in parts[1]),
            spots=tuple(_spot(names, *row) for row in parts[2]),
        )


def _query(names: Names, statement: int, site: int, relation: int, *sums: int) -> Query:
    count, distinct, ns, rows, fetch_ns = sums
    place, _, caller = names.get("site", site).partition(wire.CALLED_BY)
    return Query(
        statement=names.get("statement", statement),
        site=place,
        caller=caller,
        relation=names.get("relation", relation),
        count=count,
        distinct=distinct,
        ns=ns,
        rows=rows,
        fetch_ns=fetch_ns,
    )


def _spot(names: Names, layer: int, site: int, calls: int, ns: int) -> Spot:
    place, _, caller = names.get("site", site).partition(wire.CALLED_BY)
    return Spot(layer=names.get("layer", layer), site=place, caller=caller, calls=calls, ns=ns)
