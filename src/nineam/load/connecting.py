"""Opening connections: names, TCP and Unix sockets, proxies, TLS, each with its own time and its own failures."""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nineam.errors import UsageError
from nineam.load import failures
from nineam.load.proxies import Proxy, parse_proxy, tunnel
from nineam.load.response import Response
from nineam.load.target import Target
from nineam.model import HttpOptions

clock = time.perf_counter_ns
Factory = Callable[[], asyncio.Protocol]


class Connector:
    """Opens connections to one target. Raises `UsageError` for options that contradict it or cannot be read."""

    def __init__(self, target: Target, options: HttpOptions) -> None:
        self._target = target
        self._proxy = parse_proxy(options.proxy)
        if self._proxy and target.file:
            raise UsageError("a Unix socket cannot be reached through a proxy", hint="leave the proxy out")
        self._tls = _context(options) if target.scheme == "https" else None
        self._tls_or_h2 = _context(options, "h2") if self._tls and options.http2 else None
        self._tunnels = self._proxy is not None and (self._tls is not None or options.http2)
        self._near: Proxy | Target = self._proxy or target
        self._addresses: list[tuple[str, int]] = []

    async def open(self, factory: Factory, response: Response, *, http2: bool = False, tunnel: bool = False) -> Any:
        """Give a protocol that is connected; `response` is told how long it took. Raises `OSError`.

        With `http2` a TLS handshake may end in HTTP/2; with `tunnel` a proxy only passes on what is said. Who is
        cancelled leaves no connection behind.
        """
        made: list[asyncio.Protocol] = []

        def make() -> asyncio.Protocol:
            made.append(factory())
            return made[-1]

        try:
            if self._tls or self._tunnels or (tunnel and self._proxy):
                return await self._layered(make, response, self._tls_or_h2 if http2 else self._tls)
            return await self._plain(make, response)
        except BaseException:  # a cancellation may come between the connection and the news of it
            for protocol in made:
                _drop(protocol)
            raise

    async def _plain(self, factory: Factory, response: Response) -> asyncio.BaseProtocol:
        began = clock()
        protocol = await (self._local(factory) if self._target.file else self._direct(factory, response))
        response.connecting_ns = response.connecting_ns or clock() - began
        return protocol

    async def _local(self, factory: Factory) -> asyncio.BaseProtocol:
        loop = asyncio.get_running_loop()
        return (await loop.create_unix_connection(factory, self._target.file))[1]

    async def _direct(self, factory: Factory, response: Response) -> asyncio.BaseProtocol:
        loop = asyncio.get_running_loop()

        async def attempt(host: str, port: int) -> asyncio.BaseProtocol:
            return (await loop.create_connection(factory, host, port))[1]

        protocol: asyncio.BaseProtocol = await self._first(attempt, response)
        return protocol

    async def _layered(
        self, factory: Factory, response: Response, context: ssl.SSLContext | None
    ) -> asyncio.BaseProtocol:
        """Connect first, then say what is needed on the way: each has its own time."""
        loop = asyncio.get_running_loop()
        connected = await self._first(self._tcp, response)
        try:
            rest = b""
            if self._proxy:
                rest = await tunnel(connected, self._proxy, self._target.authority)
            began = clock()
            name = self._target.host if context else None
            _, protocol = await loop.create_connection(factory, sock=connected, ssl=context, server_hostname=name)
        except BaseException:
            connected.close()
            raise
        if context:
            response.tls_ns = clock() - began
        elif rest:
            protocol.data_received(rest)
        return protocol

    async def _tcp(self, host: str, port: int) -> socket.socket:
        return await connect(host, port)

    async def _first(self, attempt: Callable[[str, int], Any], response: Response) -> Any:
        """Try the addresses of the target (or its proxy) in turn, and stay with the one that answers."""
        try:
            if not self._addresses:
                self._addresses = await _resolve(self._near.host, self._near.port)
            began = clock()
            connected, address = await _in_turn(attempt, self._addresses)
        except (OSError, UnicodeError) as error:
            if self._proxy is None:
                raise
            raise failures.ProxyError(f"{failures.PROXY}: {failures.kind_of(error, self._proxy.host)}") from error
        response.connecting_ns = clock() - began
        self._addresses = [address]
        return connected


def _drop(protocol: asyncio.Protocol) -> None:
    """Give up a protocol that may have been connected. uvloop would close the socket and not tell it."""
    ours = getattr(protocol, "protocol", protocol)  # there may be a line between
    transport = getattr(protocol, "transport", None)
    if hasattr(ours, "abort"):
        ours.abort()
    elif transport is not None:
        transport.abort()


async def _in_turn(attempt: Callable[[str, int], Any], addresses: list[tuple[str, int]]) -> tuple[Any, tuple[str, int]]:
    problem: OSError | None = None
    for address in list(addresses):
        try:
            return await attempt(*address), address
        except OSError as error:
            problem = problem or error
    raise problem or OSError("no address")


async def connect(host: str, port: int, prepare: Callable[[socket.socket], None] | None = None) -> socket.socket:
    """Open a TCP connection; `prepare` may set options before. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    connected = socket.socket(family, socket.SOCK_STREAM)
    try:
        if prepare is not None:
            prepare(connected)
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connected, (host, port))
    except BaseException:
        connected.close()
        raise
    return connected


async def _resolve(host: str, port: int) -> list[tuple[str, int]]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((str(address[0]), int(address[1])) for *_, address in found))


def check_trust() -> None:
    """Raise `UsageError` when the file that says whom to trust does not."""
    trusted = os.environ.get("SSL_CERT_FILE", "")
    hint = "Name a file of certificates in PEM format, or unset the variable."
    if trusted and not Path(trusted).is_file():
        raise UsageError(f"SSL_CERT_FILE is '{trusted}', which is no file", hint=hint)
    try:
        ssl.create_default_context(cafile=trusted or None)
    except OSError as error:
        raise UsageError(f"SSL_CERT_FILE is '{trusted}', which holds no certificates: {error}", hint=hint) from error


def _context(options: HttpOptions, *before: str) -> ssl.SSLContext:
    if not options.insecure_skip_tls_verify:
        check_trust()
    context = ssl.create_default_context()
    if options.insecure_skip_tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([*before, "http/1.1"])
    return context
