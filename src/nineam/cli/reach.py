"""Where requests go besides the application, and whom they trust: seen to before anything starts."""

import socket

from nineam.app.loopback import ensure_loopback
from nineam.cli.asked import URL, Options
from nineam.config.settings import Settings
from nineam.errors import UsageError
from nineam.load.connecting import check_trust
from nineam.load.proxies import Proxy, parse_proxy

CONNECT_S = 5.0


def allowed(options: Options, settings: Settings) -> tuple[str, ...]:
    """A host beyond this machine needs both: the project's list and today's flag."""
    return tuple(host for host in options.allowed if host in settings.allow_targets)


def ensure_near(options: Options, settings: Settings) -> None:
    """Raise UsageError for a document or a proxy beyond this machine, and for what is not there.

    That is a proxy on which nobody listens, and certificates.
    """
    hosts = allowed(options, settings)
    if URL.match(options.openapi):
        ensure_loopback(options.openapi, hosts, what="--openapi")
    proxy = parse_proxy(options.proxy)
    if proxy is not None:
        host = f"[{proxy.host}]" if ":" in proxy.host else proxy.host
        ensure_loopback(f"http://{host}:{proxy.port}", hosts, what="--proxy")
        _ensure_listening(proxy)
    addresses = (options.target, options.host, options.openapi)
    if not options.insecure_skip_tls_verify and any(each.lower().startswith("https:") for each in addresses):
        check_trust()


def _ensure_listening(proxy: Proxy) -> None:
    try:
        socket.create_connection((proxy.host, proxy.port), CONNECT_S).close()
    except OSError as error:
        raise UsageError(
            f"--proxy: nobody answers at {proxy.host}:{proxy.port}: {error.strerror or error}",
            hint="start the proxy first, or leave --proxy out",
        ) from None
