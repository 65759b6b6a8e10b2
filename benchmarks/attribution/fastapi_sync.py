"""FastAPI with `def` endpoints and a `def` dependency: they run in threads."""

import os

from fastapi import Depends

from benchmarks.attribution import ledger, parts, plan, synchronous, wrappers
from benchmarks.attribution.fastapi_parts import Answer, application, page


async def start() -> None:
    """Nothing is opened ahead."""


def visitor() -> str:
    """A dependency that computes and waits."""
    ledger.spin("dependencies", plan.HOOK_SPIN)
    ledger.sleep("dependencies", plan.HOOK_WAIT)
    return "somebody"


framework = application(start)
access = synchronous.data_of(os.environ["ATTRIBUTION_DATA"], os.environ["ATTRIBUTION_DATABASE"])


@framework.get("/work", response_model=Answer)
def work(who: str = Depends(visitor)) -> Answer:
    """Pay everything that is no business of databases and other services."""
    with ledger.within("view"):
        ledger.spin("view", plan.VIEW_SPIN)
        ledger.sleep("view", plan.VIEW_WAIT)
        parts.lock()
        parts.log.warning("%s was here", who)
        parts.password()
        return Answer(page=page())


@framework.get("/data")
def data() -> str:
    """Ask the database."""
    with ledger.within(access.own):
        synchronous.everything(access)
        return "asked"


@framework.get("/calls")
def calls() -> str:
    """Ask other services."""
    with ledger.within("view"):
        parts.call()
        return "asked"


app = wrappers.AsgiLedger(framework)
