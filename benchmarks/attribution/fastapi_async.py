"""FastAPI with `async def` endpoints."""

import asyncio

import httpx
import redis.asyncio
from fastapi import Depends

from benchmarks.attribution import ledger, parts, plan, wrappers
from benchmarks.attribution.async_data import DATA
from benchmarks.attribution.fastapi_parts import Answer, application, page


async def start() -> None:
    """Open the connections."""
    await DATA.begin()


async def visitor() -> str:
    """A dependency that computes and waits."""
    ledger.spin("dependencies", plan.HOOK_SPIN)
    await ledger.wait("dependencies", plan.HOOK_WAIT)
    return "somebody"


framework = application(start)
client = httpx.AsyncClient()
# without its timeout: that is a task of its own, and its trip over the loop and the wait for the answer run at once
cache = redis.asyncio.Redis.from_url(parts.SERVICE.replace("http", "redis"), socket_timeout=None)


@framework.get("/work", response_model=Answer)
async def work(who: str = Depends(visitor)) -> Answer:
    """Pay everything that is no business of databases and other services."""
    with ledger.within("view"):
        ledger.spin("view", plan.VIEW_SPIN)
        await ledger.wait("view", plan.VIEW_WAIT)
        lock = asyncio.Lock()
        await lock.acquire()
        asyncio.get_running_loop().call_later(plan.LOCK / 1000, lock.release)
        with ledger.awaited("lock_wait") as cost:
            await lock.acquire()
            cost.ideal(plan.LOCK)
        parts.log.warning("%s was here", who)
        parts.password()
        return Answer(page=page())


@framework.get("/data")
async def data() -> int:
    """Ask the database."""
    with ledger.within(DATA.OWN):
        return await DATA.pay()


@framework.get("/calls")
async def calls() -> int:
    """Ask other services."""
    with ledger.within("view"):
        with ledger.awaited("http_client") as cost:
            answer = await client.get(f"{parts.SERVICE}/{plan.OUTGOING}")
        cost.ideal(float(answer.text))
        with ledger.awaited("cache") as cost:
            took = await cache.get(str(plan.CACHE_WAIT))
        cost.ideal(float(took))
        return answer.status_code


app = wrappers.AsgiLedger(framework)
