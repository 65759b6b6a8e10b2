"""Asynchronous views; what is synchronous they hand to threads, as Django's own ORM does."""

import asyncio
from typing import Any

import httpx
import redis.asyncio
from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.urls import path

from benchmarks.attribution import django_costs, ledger, parts, plan, synchronous
from benchmarks.attribution.django_settings import DATA

client = httpx.AsyncClient()
cache = redis.asyncio.Redis.from_url(parts.SERVICE.replace("http", "redis"))


async def work(_: Any) -> HttpResponse:
    """Pay everything that is no business of databases and other services."""
    ledger.spin("view", plan.VIEW_SPIN)
    await ledger.wait("view", plan.VIEW_WAIT)
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.get_running_loop().call_later(plan.LOCK / 1000, lock.release)
    with ledger.awaited("lock_wait") as cost:
        await lock.acquire()
        cost.ideal(plan.LOCK)
    for pay in (django_costs.template, django_costs.log, django_costs.signal, parts.password):
        pay()
    return HttpResponse("worked")


def _mapped() -> Any:
    from benchmarks.attribution import django_models  # noqa: PLC0415 - there are no models without a database

    orm = django_models.Orm()

    async def pay() -> None:
        for cost in plan.EXECUTES:
            await django_models.ONE.aaggregate(took=django_models.costly(*cost))
        await sync_to_async(orm.rows)()
        async for _ in django_models.Few.objects.all():
            pass

    return pay


def _handed_over() -> Any:
    source = django_costs.data_of()

    async def pay() -> None:
        await sync_to_async(synchronous.everything, thread_sensitive=False)(source)

    return pay


_pay = _mapped() if DATA == "django" else _handed_over()


async def data(_: Any) -> HttpResponse:
    """Ask the database."""
    await _pay()
    return HttpResponse("asked")


async def calls(_: Any) -> HttpResponse:
    """Ask other services."""
    with ledger.awaited("http_client+http_connect") as cost:
        answer = await client.get(f"{parts.SERVICE}/{plan.OUTGOING}")
    cost.ideal(float(answer.text))
    with ledger.awaited("cache") as cost:
        took = await cache.get(str(plan.CACHE_WAIT))
    cost.ideal(float(took))
    return HttpResponse("called")


urlpatterns = [path("work", work), path("data", data), path("calls", calls)]
