"""Brings up everything a run needs, in order, and takes all of it down again whatever happens."""

import asyncio
import http
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from nineam.app.environment import agent_environment
from nineam.app.process import Application
from nineam.app.ready import ensure_answers
from nineam.collect.feed import Feed
from nineam.collect.sums import Collector
from nineam.errors import UsageError
from nineam.load.process import LoadProcess
from nineam.model import Record
from nineam.monday.asking import ask_once
from nineam.monday.conduct import Conductor, beside
from nineam.monday.events import Listener, Said
from nineam.monday.machine import MachineWatch
from nineam.monday.observer import Switch
from nineam.monday.plan import RunPlan
from nineam.store.writer import Writer
from nineam.traffic.discover import Candidate, Discovered, discover, from_openapi, health_of

HELLO_WAIT_S = 2.0
NO_TRAFFIC_HINT = "say what users do in monday.py and pass --journeys monday.py"


class Setup(Record, frozen=True, kw_only=True):
    """What to run, how, and against what. Without `command`, `url` is somebody else's running application."""

    plan: RunPlan
    command: tuple[str, ...] = ()
    cwd: str = "."
    environment: dict[str, str] = {}
    url: str = ""
    ready_timeout_s: float = 30.0
    agent: bool = True
    roots: str = "."
    candidates: tuple[Candidate, ...] = ()
    openapi_path: str = ""
    health_path: str = ""
    log_file: str = ""


async def run_session(setup: Setup, writer: Writer, listener: Listener) -> None:
    """Run everything. Raises the errors of its parts; the run file then holds what was seen until then."""
    with tempfile.TemporaryDirectory(prefix="nineam-") as scratch:
        collector = Collector(writer, setup.plan.load.seed)
        feed = Feed(Path(scratch), collector)
        await feed.start()
        try:
            await _with_application(setup, writer, listener, feed, collector)
        finally:
            await feed.stop()
            collector.finish()
            writer.meta("records", collector.records)
            writer.meta("dropped", sum(collector.dropped.values()))


async def _with_application(setup: Setup, writer: Writer, listener: Listener, feed: Feed, collector: Collector) -> None:
    if not setup.command:
        await ensure_answers(setup.url)
        await _with_load(setup, setup.url, None, writer, listener, collector, None)
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
        switch = (lambda on: feed.switch(on=on)) if feed.hellos else None
        await _with_load(setup, base_url, app, writer, listener, collector, switch)
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


async def _with_load(
    setup: Setup,
    base_url: str,
    app: Application | None,
    writer: Writer,
    listener: Listener,
    collector: Collector,
    switch: Switch | None,
) -> None:
    found = await _traffic(setup, base_url, listener)
    for text in found.skipped:
        writer.insert("notice", [(f"not exercised: {text}",)])
    writer.meta("health_path", found.health_path)
    load_plan = msgspec.structs.replace(
        setup.plan.load, base_url=base_url, requests=found.requests, health_path=found.health_path
    )
    plan = msgspec.structs.replace(setup.plan, load=load_plan)
    load = LoadProcess()
    watch = MachineWatch(
        writer,
        {"app": lambda: app.tree() if app else (), "load": lambda: (load.pid,) if load.pid else ()},
    )
    try:
        await load.start(plan.load)
        async with beside(watch.run()):
            await Conductor(plan, load, app, collector, writer, listener, switch).run()
    finally:
        await load.stop()


async def _traffic(setup: Setup, base_url: str, listener: Listener) -> Discovered:
    """Find out what to send, unless journeys say so."""
    candidates = setup.candidates
    if setup.openapi_path or not candidates:
        document = await _fetch(base_url.rstrip("/") + (setup.openapi_path or "/openapi.json"))
        candidates = from_openapi(document) or candidates
    if setup.plan.load.journeys_file:
        return Discovered(health_path=setup.health_path or health_of(candidates))
    if not candidates:
        listener(Said(text=f"no OpenAPI document was found, so only / is requested; {NO_TRAFFIC_HINT}"))
        candidates = (Candidate(method="GET", path="/"),)

    async def ask(path: str) -> int:
        return await asyncio.to_thread(_status, base_url.rstrip("/") + path)

    found = await discover(candidates, setup.health_path, ask)
    if not found.requests:
        raise UsageError(
            "found nothing to request: no GET route answers without more knowledge",
            details=found.skipped[:10],
            hint=NO_TRAFFIC_HINT,
        )
    return found


async def _fetch(url: str) -> Any:
    status, body = await asyncio.to_thread(ask_once, url)
    try:
        return msgspec.json.decode(body) if status == http.HTTPStatus.OK else None
    except ValueError:
        return None


def _status(url: str) -> int:
    return ask_once(url)[0]
