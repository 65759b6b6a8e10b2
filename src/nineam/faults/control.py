"""The proxy's end of the control socket: who may speak, and what is done."""

import asyncio
import hmac
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from nineam.errors import NineamError, UsageError, nearest
from nineam.faults.messages import LONGEST_LINE, SOCKET, Reply, Request
from nineam.faults.naming import fault_of, kind_of
from nineam.faults.passage import Passage


class Control:
    """Obeys whoever knows the token, one request after the other; `stop` is called when told to stop."""

    def __init__(self, passages: Mapping[str, Passage], token: str, stop: Callable[[], None]) -> None:
        self._passages, self._token, self._stop = passages, token.encode(), stop
        self._decode = msgspec.json.Decoder(Request).decode
        self._encode = msgspec.json.Encoder().encode
        self._tasks: set[asyncio.Task[None] | None] = set()
        self._server: asyncio.Server | None = None

    async def start(self, directory: Path) -> None:
        """Begin to listen, on a socket that only this user can reach."""
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, directory / SOCKET, limit=LONGEST_LINE)
        finally:
            os.umask(before)

    def close(self) -> None:
        """Take no further controller on."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        try:
            hello = self._decode(await reader.readline())
            if hmac.compare_digest(hello.token.encode(), self._token):
                await self._obey(reader, writer)
        except (msgspec.MsgspecError, ConnectionError, ValueError):
            return  # a stranger, or a controller that is gone
        finally:
            self._tasks.discard(asyncio.current_task())
            writer.close()

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._encode(Reply()) + b"\n")
        while line := await reader.readline():
            request = self._decode(line)
            writer.write(self._encode(self.reply(request)) + b"\n")
            await writer.drain()
            if request.do == "stop":
                self._stop()

    def reply(self, request: Request) -> Reply:
        """Do what is asked, for all connections at once; an error is a reply too."""
        try:
            chosen = self._chosen(request.upstream)
            if request.do == "apply":
                _apply(request, chosen)
            elif request.do == "heal":
                _heal(request, chosen)
        except NineamError as problem:
            return Reply(
                message=problem.message, details=problem.details, hint=problem.hint, exit_code=problem.exit_code
            )
        return Reply(counts=tuple(each.counts() for each in chosen) if request.do != "stop" else ())

    def _chosen(self, name: str) -> list[Passage]:
        if not name:
            return list(self._passages.values())
        if name not in self._passages:
            close = nearest(name, self._passages)
            raise UsageError(
                f"there is no upstream {name!r}" + (f", did you mean {close}?" if close else ""),
                hint=f"the upstreams are {', '.join(self._passages)}",
            )
        return [self._passages[name]]


def _apply(request: Request, chosen: list[Passage]) -> None:
    fault = fault_of(request.fault, request.parameters)
    for passage in chosen:
        passage.apply(fault)


def _heal(request: Request, chosen: list[Passage]) -> None:
    if request.fault:
        kind_of(request.fault)
    for passage in chosen:
        passage.heal(request.fault)
