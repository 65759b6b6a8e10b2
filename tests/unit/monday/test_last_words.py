"""A phase whose reader is cancelled still says what it counted."""

import asyncio
import contextlib

import pytest

from nineam.errors import NineamError
from nineam.model import LoadEvent
from nineam.monday.last_words import with_last_words


class Load:
    """Says ticks until somebody ends it, then its last word, unless it fails."""

    def __init__(self, fails=False):
        self.ended = asyncio.Event()
        self.fails = fails

    async def run(self):
        yield LoadEvent(kind="tick", at_ns=1)
        await self.ended.wait()
        if self.fails:
            raise NineamError("the load process has died")
        yield LoadEvent(kind="done", at_ns=2)

    async def end(self):
        self.ended.set()


async def read(load, heard, first):
    async with contextlib.aclosing(with_last_words(load.run(), load.end)) as events:
        async for event in events:
            heard.append(event.kind)
            first.set()


def cancelled(load_of):
    async def main():
        load, heard, first = load_of(), [], asyncio.Event()
        reading = asyncio.create_task(read(load, heard, first))
        await first.wait()
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        return heard

    return asyncio.run(main())


def test_the_last_words_are_heard_before_the_reader_is_cancelled():
    assert cancelled(Load) == ["tick", "done"]


def test_a_load_that_dies_then_has_no_last_words():
    assert cancelled(lambda: Load(fails=True)) == ["tick"]


def test_a_phase_that_ends_by_itself_is_heard_to_its_end():
    async def main():
        load, heard = Load(), []
        load.ended.set()
        await read(load, heard, asyncio.Event())
        return heard

    assert asyncio.run(main()) == ["tick", "done"]


def test_an_error_of_the_load_is_the_reader_s():
    async def main():
        load = Load(fails=True)
        load.ended.set()
        await read(load, [], asyncio.Event())

    with pytest.raises(NineamError):
        asyncio.run(main())
