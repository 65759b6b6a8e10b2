"""HTTP proxies: their addresses, and tunnels through them."""

import asyncio
import base64
import socket
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from nineam.errors import UsageError
from nineam.load.failures import PROXY, ProxyError

END = b"\r\n\r\n"
LONGEST_ANSWER = 65536
HINT = "write it like http://127.0.0.1:3128 or http://name:password@127.0.0.1:3128"


class Proxy(NamedTuple):
    """Where a proxy listens; `authorization` is the value of its header, empty without a name and a password."""

    host: str
    port: int
    authorization: str


def parse_proxy(address: str) -> Proxy | None:
    """Read a proxy's address; None when it is empty. Raises `UsageError` when it is not that of an HTTP proxy."""
    if not address:
        return None
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        port = parts.port or 80
    except ValueError as error:
        raise UsageError(f"proxy {address!r} is not an address: {error}", hint=HINT) from None
    if parts.scheme != "http" or not parts.hostname:
        got = f"its scheme is {parts.scheme}" if parts.hostname else "it names no host"
        raise UsageError(f"proxy {address!r}: {got}, expected http:// and a host", hint=HINT)
    return Proxy(parts.hostname, port, _authorization(parts.username, parts.password))


def _authorization(name: str | None, password: str | None) -> str:
    if name is None:
        return ""
    pair = f"{unquote(name)}:{unquote(password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


async def tunnel(connected: socket.socket, proxy: Proxy, authority: str) -> bytes:
    """Ask a proxy for a connection to `authority`; bytes that came behind its answer. Raises `ProxyError`."""
    loop = asyncio.get_running_loop()
    lines = f"CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n"
    if proxy.authorization:
        lines += f"proxy-authorization: {proxy.authorization}\r\n"
    await loop.sock_sendall(connected, f"{lines}\r\n".encode("latin-1"))
    answer = b""
    while END not in answer:
        more = await loop.sock_recv(connected, 4096)
        if not more or len(answer) > LONGEST_ANSWER:
            raise ProxyError(f"{PROXY}: no answer to CONNECT")
        answer += more
    head, _, rest = answer.partition(END)
    version, _, status = head.partition(b"\r\n")[0].partition(b" ")
    if not version.startswith(b"HTTP/") or not status[:3].isdigit():
        raise ProxyError(f"{PROXY}: answered CONNECT with something else than HTTP")
    if not status.startswith(b"2"):
        raise ProxyError(f"{PROXY}: answered CONNECT with {status[:3].decode()}")
    return rest
