"""Starts the application with the agent aboard, and stops it again whatever happens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from importlib.resources import files
from pathlib import Path

from nineam.app.environment import agent_environment
from nineam.app.process import Application
from nineam.app.ready import ensure_answers
from nineam.collect.feed import Feed
from nineam.model import Record
from nineam.monday.events import Listener, Said
from nineam.monday.setup import Setup
from nineam.store.writer import Writer

HELLO_WAIT_S = 2.0


class Running(Record, frozen=True, kw_only=True):
    """An application that answers: where; its process, None of somebody else's; its agents' feed, if it has any."""

    base_url: str
    app: Application | None = None
    feed: Feed | None = None


@contextlib.asynccontextmanager
async def started(setup: Setup, writer: Writer, listener: Listener, feed: Feed) -> AsyncIterator[Running]:
    """Let the application run while the block lasts. Raises ApplicationError when it does not start or answer."""
    if not setup.command:
        await ensure_answers(setup.url)
        yield Running(base_url=setup.url)
        return
    listener(Said(text=f"starting {' '.join(setup.command)}"))
    app = await Application.start(
        setup.command,
        cwd=Path(setup.cwd),
        env=_environment(setup, feed),
        log_file=Path(setup.log_file) if setup.log_file else None,
    )
    try:
        base_url = await app.wait_ready(setup.url or None, setup.ready_timeout_s)
        listener(Said(text=f"ready at {base_url}"))
        if setup.agent:
            await _greet(feed, writer, listener)
        yield Running(base_url=base_url, app=app, feed=feed if feed.hellos else None)
    finally:
        await app.stop()


def _environment(setup: Setup, feed: Feed) -> Mapping[str, str]:
    if not setup.agent:
        return setup.environment
    inject = str(files("nineam.agent").joinpath("inject"))
    return agent_environment(setup.environment, inject, str(feed.path), feed.token, setup.roots)


async def _greet(feed: Feed, writer: Writer, listener: Listener) -> None:
    """Wait for the agent's hello (the readiness check was its first request); without one, say what that means."""
    for _ in range(int(HELLO_WAIT_S / 0.05)):
        if feed.hellos:
            writer.meta("python", feed.hellos[0].get("python", ""))
            return
        await asyncio.sleep(0.05)
    text = "nothing was heard from inside the application: its layers and lines stay unknown"
    listener(Said(text=text))
    writer.insert("notice", [(text,)])
