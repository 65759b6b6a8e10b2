"""The smallest request that still does it: header by header, parameter by parameter, field by field."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from nineam.model import Chunk, Payload
from nineam.model.payload import FRAMING
from nineam.payloads.aim import SAFE
from nineam.payloads.ddmin import ddmin
from nineam.payloads.reduce_json import smallest
from nineam.payloads.runs import Run, fewest, joined, runs_of
from nineam.payloads.values import json_text

Fails = Callable[[Payload], Awaitable[bool]]
TOKEN = re.compile(rb"%[0-9A-Fa-f]{2}|.", re.DOTALL)
LARGEST_JSON = 300_000
LARGEST_TEXT = 20_000
MOST_TRIES = 400


class _SpentError(Exception):
    """There is no time left."""


class Reducer:
    """Makes one request smaller as long as it still `fails` (in the same way, as far as `fails` can tell).

    At most `tries` requests are sent, and none once `in_time` says no. `best` is the smallest found so far.
    """

    def __init__(
        self, payload: Payload, fails: Fails, in_time: Callable[[], bool] = lambda: True, tries: int = MOST_TRIES
    ) -> None:
        self.best = payload
        self._fails = fails
        self._in_time = in_time
        self._left = tries
        self._known: dict[bytes, bool] = {}

    async def run(self) -> bool:
        """Reduce; whether it came to an end: then no header, parameter or field can be left out any more."""
        try:
            before = None
            while before != self.best:
                before = self.best
                await self._headers()
                await self._query()
                await self._body()
                await self._path()
        except _SpentError:
            return False
        return True

    async def _does(self, **changes: Any) -> bool:
        """Try the best one with changes; it is the best one from now on if it does it."""
        candidate = msgspec.structs.replace(self.best, **changes)
        if candidate == self.best:
            return True
        wire = candidate.over_the_wire("nineam")
        if wire not in self._known:
            if self._left <= 0 or not self._in_time():
                raise _SpentError
            self._left -= 1
            self._known[wire] = await self._fails(candidate)
        if self._known[wire]:
            self.best = candidate
        return self._known[wire]

    async def _headers(self) -> None:
        """Leave headers out; what says where the body ends stays, or the server would wait for more."""
        framing = tuple(line for line in self.best.headers if line[0] in FRAMING)
        others = tuple(line for line in self.best.headers if line[0] not in FRAMING)
        await ddmin(others, lambda kept: self._does(headers=kept + framing))
        for index, (name, value) in enumerate(self.best.headers):
            if name not in FRAMING:
                await self._header(index, name, value)

    async def _header(self, index: int, name: str, value: str) -> None:
        lines = self.best.headers

        async def does(runs: tuple[Run, ...]) -> bool:
            line = (name, joined(runs).decode("latin-1"))
            return await self._does(headers=(*lines[:index], line, *lines[index + 1 :]))

        await fewest(_tokens(value), does)

    async def _query(self) -> None:
        await ddmin(self.best.query, lambda kept: self._does(query=kept))
        for index, piece in enumerate(self.best.query):
            await self._piece(index, piece)

    async def _piece(self, index: int, piece: str) -> None:
        name, mark, value = piece.partition("=")
        pieces = self.best.query

        async def does(runs: tuple[Run, ...]) -> bool:
            shorter = name + mark + joined(runs).decode("latin-1")
            return await self._does(query=(*pieces[:index], shorter, *pieces[index + 1 :]))

        await fewest(_tokens(value), does)

    async def _path(self) -> None:
        """Shorten what stands in a path that is wrong; another path of unsafe requests may mean something."""
        segments = self.best.path.split("/")
        if self.best.part != "path" or self.best.method not in SAFE:
            return
        for index in range(1, len(segments)):
            segments = self.best.path.split("/")

            async def does(runs: tuple[Run, ...], index: int = index, segments: list[str] = segments) -> bool:
                shorter = [*segments[:index], joined(runs).decode("latin-1"), *segments[index + 1 :]]
                return await self._does(path="/".join(shorter))

            await fewest(_tokens(segments[index]), does)

    async def _body(self) -> None:
        if not self.best.body or self.best.framed or await self._does(body=()):
            return
        if any(chunk.times > 1 for chunk in self.best.body):
            await self._chunks()
        if any(chunk.times > 1 for chunk in self.best.body):
            return
        content = self.best.content
        value = _json(content) if len(content) <= LARGEST_JSON else None
        if value is not None:
            await smallest(value[0], lambda part: self._does(body=(Chunk(json_text(part)),)))
        elif len(content) <= LARGEST_TEXT:
            await fewest(_tokens(content), lambda runs: self._does(body=_chunked(runs)))

    async def _chunks(self) -> None:
        runs = tuple(Run(chunk.data, chunk.times) for chunk in self.best.body)
        await fewest(runs, lambda kept: self._does(body=tuple(Chunk(run.item, run.times) for run in kept)))


def _tokens(text: str | bytes) -> tuple[Run, ...]:
    """Take a text apart; an escape stays whole."""
    return runs_of(TOKEN.findall(text.encode("latin-1") if isinstance(text, str) else text))


def _chunked(runs: tuple[Run, ...]) -> tuple[Chunk, ...]:
    """Keep long runs as such, and put the rest together."""
    chunks: list[Chunk] = []
    for run in runs:
        if run.times >= 100:
            chunks.append(Chunk(run.item, run.times))
        elif chunks and chunks[-1].times == 1:
            chunks[-1] = Chunk(chunks[-1].data + run.item * run.times)
        else:
            chunks.append(Chunk(run.item * run.times))
    return tuple(chunks)


def _json(content: bytes) -> tuple[Any] | None:
    """Parse, and wrap it: null is JSON too. None for what is no JSON, or too much of it."""
    try:
        return (json.loads(content),)
    except (ValueError, RecursionError):
        return None
