"""A real application, its own document, and ids that only its answers know."""

import asyncio
import contextlib
import importlib.util
from pathlib import Path

import pytest
import uvicorn

from nineam.load.process import LoadProcess
from nineam.merging import merge
from nineam.model import LoadPlan, LoadStats, Phase
from nineam.traffic.openapi import read_openapi

HERE = Path(__file__).parents[2] / "apps" / "harvest_app.py"
POLITE = Phase(name="localhost", executor="polite", duration_s=0.3)
BUSY = Phase(name="monday-1", executor="constant-arrival-rate", rate=300, duration_s=1.0)


@pytest.fixture
def shop():
    spec = importlib.util.spec_from_file_location("harvest_app", HERE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.asynccontextmanager
async def served(app):
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def load(app, document, methods, *phases):
    found = []
    async with served(app) as url:
        process = LoadProcess()
        try:
            await process.start(LoadPlan(base_url=url, operations=read_openapi(document, methods).operations))
            for phase in phases:
                stats = LoadStats()
                async for event in process.run(phase):
                    stats = merge(stats, event.stats)
                found.append({endpoint.name: endpoint for endpoint in stats.endpoints})
                assert not stats.problems
        finally:
            await process.stop()
    return found


def test_reading_uses_the_ids_of_earlier_answers_from_the_first_request_on(shop):
    polite, busy = asyncio.run(load(shop.app, shop.app.openapi(), frozenset({"get"}), POLITE, BUSY))
    for endpoints in (polite, busy):
        assert set(endpoints) == {
            "GET /users",
            "GET /users/{user_id}",
            "GET /users/{user_id}/orders",
            "GET /users/{user_id}/orders/{order_id}",
            "GET /search",
        }
        assert {name: each.statuses for name, each in endpoints.items() if each.failed} == {}
    assert shop.SEEN["users"] <= {str(user) for user in shop.USERS}
    assert len(shop.SEEN["users"]) > 10
    assert len(shop.SEEN["orders"]) > 2


def test_writing_creates_what_never_was_and_deletes_what_is_there(shop):
    polite, busy = asyncio.run(load(shop.app, shop.app.openapi(), frozenset({"all"}), POLITE, BUSY))
    assert {name: each.statuses for name, each in polite.items() if each.failed} == {}
    # who asks for a user while another one deletes it gets an honest 404
    assert {name for name, each in busy.items() if set(each.statuses) - {"200", "201", "204", "404"}} == set()
    assert set(busy["DELETE /users/{user_id}"].statuses) == {"204"}
    assert len(shop.SEEN["names"]) > 20
    assert shop.SEEN["buyers"] <= shop.SEEN["users"]
