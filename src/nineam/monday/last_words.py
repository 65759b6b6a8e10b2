"""The events of a phase, whose reader may be cancelled: what the load counted until then is not lost."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

from nineam.errors import NineamError
from nineam.model import LoadEvent

PATIENCE_S = 3.0


async def with_last_words(
    events: AsyncIterator[LoadEvent], end: Callable[[], Awaitable[None]]
) -> AsyncGenerator[LoadEvent, None]:
    """Give the events of a phase; when cancelled, `end` the phase, give what it still says, and only then be cancelled.

    Waits no longer than three seconds for the last words.
    """
    coming = asyncio.ensure_future(anext(events))
    try:
        while True:
            yield await asyncio.shield(coming)
            coming = asyncio.ensure_future(anext(events))
    except StopAsyncIteration:
        return
    except asyncio.CancelledError:
        with contextlib.suppress(StopAsyncIteration, TimeoutError, NineamError):
            await end()
            while True:
                async with asyncio.timeout(PATIENCE_S):
                    event = await coming
                yield event
                coming = asyncio.ensure_future(anext(events))
        raise
    finally:
        coming.cancel()
        await asyncio.wait([coming])  # nobody else may read what the load says before that
