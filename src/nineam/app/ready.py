"""Whether a URL answers HTTP, and which ports a process tree opened."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Collection, Coroutine, Iterable
from enum import StrEnum
from typing import Any

import psutil

from nineam.app.loopback import parse_url
from nineam.errors import ApplicationError
from nineam.model.address import unix_address

CONNECT_LIMIT_S = 2.0
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Sight(StrEnum):
    """How far one attempt to talk to a URL came."""

    REFUSED = "refused"
    SILENT = "accepts connections but does not answer"
    GARBLED = "answers, but not in HTTP"
    ANSWERED = "answered"


async def ask(url: str, timeout_s: float, seen: Callable[[Sight], None] = lambda _: None) -> Sight:
    """GET the URL once on a connection of its own; any status is an answer. Certificates are not checked.

    `seen` hears of progress at once, so that a caller who gives up early knows how far it came.
    """
    host, path, opening = _opening(url)
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: nineam\r\n"
    try:
        async with asyncio.timeout(min(timeout_s, CONNECT_LIMIT_S)):
            reader, writer = await opening
    except (OSError, TimeoutError, ssl.SSLError):
        seen(Sight.REFUSED)
        return Sight.REFUSED
    seen(Sight.SILENT)
    try:
        writer.write((request + "Accept: */*\r\nConnection: close\r\n\r\n").encode("utf-8", "replace"))
        async with asyncio.timeout(timeout_s):
            start = await reader.readexactly(7)
        sight = Sight.ANSWERED if start == b"HTTP/1." else Sight.GARBLED
    except asyncio.IncompleteReadError as short:
        sight = Sight.GARBLED if short.partial else Sight.SILENT
    except (OSError, TimeoutError):
        sight = Sight.SILENT
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await writer.wait_closed()
    seen(sight)
    return sight


def _opening(url: str) -> tuple[str, str, Coroutine[Any, Any, Streams]]:
    """The host, the path and the connection that is to be opened for a URL."""
    local = unix_address(url)
    if local is not None:
        return "localhost", local.path or "/", asyncio.open_unix_connection(local.file)
    parts = parse_url(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = _unverified() if parts.scheme == "https" else None
    return parts.netloc.rpartition("@")[2], path, asyncio.open_connection(parts.hostname, port, ssl=secure)


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def ensure_answers(url: str, timeout_s: float = 5.0) -> None:
    """Raise ApplicationError when a URL that the user named does not answer HTTP within `timeout_s` seconds."""
    sight = await ask(url, timeout_s)
    if sight is Sight.ANSWERED:
        return
    said = "refuses connections" if sight is Sight.REFUSED else str(sight)
    raise ApplicationError(
        f"{url} {said}", hint="start the application first, or let nineam start it: nineam run -- COMMAND"
    )


def tree(root: int) -> tuple[int, ...]:
    """`root` and every process below it, parents first; empty when it is gone."""
    try:
        top = psutil.Process(root)
        return (root, *(child.pid for child in top.children(recursive=True)))
    except psutil.Error:
        return ()


def open_addresses(pids: Iterable[int], skip: Collection[int]) -> tuple[str, ...]:
    """Find the base URLs of the TCP ports that these processes listen on, without the ports in `skip`.

    A wildcard address becomes loopback; a process that may not be looked into is passed over.
    """
    found: dict[str, None] = {}
    for pid in pids:
        with contextlib.suppress(psutil.Error, OSError):
            for each in psutil.Process(pid).net_connections(kind="tcp"):
                if each.status == psutil.CONN_LISTEN and each.laddr.port not in skip:
                    found.setdefault(f"http://{_reachable(each.laddr.ip)}:{each.laddr.port}")
    return tuple(found)


def _reachable(address: str) -> str:
    if address in ("0.0.0.0", "::"):  # noqa: S104 - recognised, not listened on
        return "127.0.0.1"
    return f"[{address}]" if ":" in address else address
