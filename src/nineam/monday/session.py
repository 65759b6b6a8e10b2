"""Brings up everything a run needs, in order, and takes all of it down again whatever happens."""

import asyncio
import http
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from nineam.collect.feed import Feed
from nineam.collect.sums import Collector
from nineam.errors import UsageError
from nineam.load.fleet import Fleet, processes_needed
from nineam.model import LoadPlan
from nineam.model.durations import spelt_out
from nineam.model.scenario import highest_rate, most_vus
from nineam.monday.answering import answering
from nineam.monday.asking import ask_once, certificate_problem
from nineam.monday.chosen import ensure_there, names_of
from nineam.monday.conduct import Conductor
from nineam.monday.events import Listener, Said
from nineam.monday.grown import GrownRun
from nineam.monday.plan import RunPlan
from nineam.monday.setup import Setup
from nineam.monday.starting import Running, started
from nineam.monday.watches import database_of, watching
from nineam.store.writer import Writer
from nineam.traffic.discover import Candidate, Discovered, discover, from_openapi, health_of
from nineam.traffic.strangers import Answered

NO_TRAFFIC_HINT = "say what users do in monday.py and pass --journeys monday.py"


async def run_session(setup: Setup, writer: Writer, listener: Listener) -> None:
    """Run everything. Raises the errors of its parts; the run file then holds what was seen until then."""
    with tempfile.TemporaryDirectory(prefix="nineam-") as scratch:
        collector = Collector(writer, setup.plan.load.seed)
        feed = Feed(Path(scratch), collector)
        await feed.start()
        try:
            plan = await _with_application(setup, writer, listener, feed, collector)
            if setup.clones is not None:
                processes = setup.processes or _needed(plan)
                await GrownRun(setup, plan, writer, listener).run(setup.clones, feed, collector, processes)
        finally:
            await feed.stop()
            collector.finish()
            writer.meta("records", collector.records)
            writer.meta("dropped", sum(collector.dropped.values()))


async def _with_application(
    setup: Setup, writer: Writer, listener: Listener, feed: Feed, collector: Collector
) -> RunPlan:
    """Play the run as it is planned; return the plan with the traffic that was found."""
    async with started(setup, writer, listener, feed) as running:
        return await _with_load(setup, running, writer, listener, collector)


async def _with_load(
    setup: Setup, running: Running, writer: Writer, listener: Listener, collector: Collector
) -> RunPlan:
    base_url, app = running.base_url, running.app
    await _check_certificate(setup, base_url)
    found = await find_traffic(setup, base_url, listener)
    for text in (*setup.notices, *found.notices, *(f"not exercised: {text}" for text in found.skipped)):
        writer.insert("notice", [(text,)])
    writer.meta("health_path", found.health_path)
    writer.meta("refused", found.refused)
    plan = _with_traffic(setup.plan, found, base_url)
    if names := names_of(plan.load):
        ensure_there(plan.scenarios, names)
    for scenario in plan.scenarios:
        if scenario.executor == "replay":
            listener(Said(text=f"{scenario.name} is replayed for {spelt_out(scenario.duration_s)}"))
    load = Fleet(setup.processes or _needed(plan))
    database = database_of(writer, setup.database, setup.environment, setup.database_kind)
    try:
        await load.start(plan.load)
        async with watching(writer, lambda: app.tree() if app else (), lambda: load.pids, base_url, database):
            await Conductor(plan, load, app, collector, writer, listener, running.feed).run()
    finally:
        await load.stop()
    return plan


async def _check_certificate(setup: Setup, base_url: str) -> None:
    if setup.plan.load.http.insecure_skip_tls_verify:
        return
    problem = await asyncio.to_thread(certificate_problem, base_url)
    if problem:
        hint = "trust it with SSL_CERT_FILE, or take any certificate with --insecure-skip-tls-verify"
        raise UsageError(f"the certificate of {base_url} is not accepted: {problem}", hint=hint)


def _with_traffic(plan: RunPlan, found: Discovered, base_url: str) -> RunPlan:
    """Put what was found out about the running application into the plan."""
    sent = {"requests": found.requests or plan.load.requests, "operations": found.operations or plan.load.operations}
    load = msgspec.structs.replace(plan.load, base_url=base_url, health_path=found.health_path, **sent)
    return msgspec.structs.replace(plan, load=load)


def _needed(plan: RunPlan) -> int:
    """Say how many load processes the plan needs; a climb without a goal has one."""
    goal, scenarios = plan.goal, plan.scenarios
    limits = {"users": 0.0, "rate": 0.0} | {goal.kind: goal.limit}
    users = sum(most_vus(scenario) for scenario in scenarios) or limits["users"]
    rate = sum(highest_rate(scenario) for scenario in scenarios) or limits["rate"]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processes_needed(users=users, rate=rate, cores=cores)


def _says_what_is_sent(plan: LoadPlan) -> bool:
    """Whether the plan has a source of traffic, so that nobody needs to find one."""
    return bool(plan.journeys_file or plan.requests or plan.recordings or plan.operations or plan.locustfile)


async def find_traffic(setup: Setup, base_url: str, listener: Listener) -> Discovered:
    """Find out what to send to a running application, unless somebody said. Raises UsageError when nothing is found."""
    if setup.openapi_address:
        return await _named_document(setup)
    candidates, document = setup.candidates, None
    if setup.openapi_path or not candidates:
        document = await _fetch(setup, base_url.rstrip("/") + (setup.openapi_path or "/openapi.json"))
        candidates = from_openapi(document) or candidates
    if _says_what_is_sent(setup.plan.load):
        return Discovered(health_path=setup.health_path or health_of(candidates))
    if not candidates:
        listener(Said(text=f"no OpenAPI document was found, so only / is requested; {NO_TRAFFIC_HINT}"))
        candidates = (Candidate(method="GET", path="/"),)

    async def get(path: str, headers: Mapping[str, str]) -> Answered:
        return await _get(setup, base_url.rstrip("/") + path, headers)

    async def ask(path: str) -> Answered:
        return await get(path, {})

    if from_openapi(document):
        found = await answering(document, setup.health_path, get, setup.plan.load.seed)
    else:
        found = await discover(candidates, setup.health_path, ask)
    if not found.requests and not found.operations:
        raise UsageError(
            "found nothing to request: no GET route answers without more knowledge",
            details=found.skipped[:10],
            hint=NO_TRAFFIC_HINT,
        )
    return found


async def _named_document(setup: Setup) -> Discovered:
    """Read the OpenAPI document at the address that the user named, now that the application runs."""
    from nineam.traffic.openapi import parse_document, read_openapi  # noqa: PLC0415 - not always needed

    address = setup.openapi_address
    status, body, _ = await _get(setup, address)
    if status != http.HTTPStatus.OK:
        answer = f"answered {status}" if status else "gave no whole answer"
        raise UsageError(f"--openapi {address}: {answer}", hint="save it as a file and name that")
    found = read_openapi(parse_document(body, address), setup.methods)
    return Discovered(
        operations=found.operations,
        skipped=found.skipped,
        health_path=setup.health_path or found.health_path,
        notices=found.notices,
    )


async def _fetch(setup: Setup, url: str) -> Any:
    status, body, _ = await _get(setup, url)
    try:
        return msgspec.json.decode(body) if status == http.HTTPStatus.OK else None
    except ValueError:
        return None


async def _get(setup: Setup, url: str, headers: Mapping[str, str] | None = None) -> Answered:
    insecure = setup.plan.load.http.insecure_skip_tls_verify
    return await asyncio.to_thread(ask_once, url, headers=headers, insecure=insecure)
