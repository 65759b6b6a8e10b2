"""Everything that is watched from outside of the application while it is under load."""

import contextlib
import ipaddress
import os
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

from nineam.collect.backlog import Backlog
from nineam.collect.database_address import Address, address_of, in_environment
from nineam.collect.run_queue import RunQueue
from nineam.collect.sessions import WHAT, SessionWatch
from nineam.collect.signals import Lately, NotHere, Pids, Signal, watch, write_reason
from nineam.collect.sqlite_locks import SqliteLocks
from nineam.collect.threads import GilWatch
from nineam.monday.beside import beside
from nineam.monday.machine import MachineWatch
from nineam.store.writer import Writer

NO_URL = "there is no postgresql:// URL in the application's environment; name it with --database"


@contextlib.asynccontextmanager
async def watching(
    writer: Writer, app: Pids, load: Pids, base_url: str, database: Address | None
) -> AsyncIterator[None]:
    """Watch the processes of the application and of the load, and what they wait for, until the block ends."""
    pids = Lately(app)
    signals: list[Signal] = [RunQueue(pids), Backlog(port_of(base_url)), SqliteLocks(pids)]
    works = [MachineWatch(writer, {"app": pids, "load": load}).run(), GilWatch(writer, pids).run()]
    works += [watch(signal, writer) for signal in signals]
    if database is not None:
        works.append(SessionWatch(writer, database).run())
    async with contextlib.AsyncExitStack() as stack:
        for work in works:
            await stack.enter_async_context(beside(work))
        yield


def port_of(base_url: str) -> int | None:
    """Return the port of this machine that an application answers on; None when it is a socket or elsewhere."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not _is_here(parts.hostname or ""):
        return None
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def database_of(writer: Writer, named: str, environment: Mapping[str, str], kind: str) -> Address | None:
    """Return the database whose sessions are watched: `named`, or else the one of the environment.

    Why there is none is said in the run's notices, when the application has a PostgreSQL (`kind`) or names one.
    """
    url = named or in_environment(environment)
    try:
        if url:
            return address_of(url, os.environ)
        if kind == "postgresql":
            raise NotHere(NO_URL)
    except NotHere as reason:
        write_reason(writer, WHAT, reason)
    return None
