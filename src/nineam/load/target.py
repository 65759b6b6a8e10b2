"""Where the application listens."""

from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from nineam.errors import UsageError
from nineam.model.address import unix_address

DEFAULT_PORTS = {"http": 80, "https": 443}


class Target(NamedTuple):
    """Where the application listens: at a port, or (when it is set) at the Unix socket `file`.

    `prefix` is the path of the base address, without a final slash.
    """

    scheme: str
    host: str
    port: int
    prefix: str
    file: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port as they stand in an address."""
        return f"{self.scheme}://{self.authority if self.port != DEFAULT_PORTS[self.scheme] else self.bracketed}"

    def reached(self, url: str, location: str) -> str | None:
        """Give the address that a redirect from `url` leads to; None when that is elsewhere, or no address."""
        try:
            path = self.path_of(urljoin(url, location))
        except ValueError:
            return None
        return None if path is None else self.origin + path

    def path_of(self, url: str) -> str | None:
        """Give the path and query of an address, however it is spelled; None when it is not on this target."""
        try:
            parts = urlsplit(url)
            port = parts.port or DEFAULT_PORTS.get(parts.scheme)
        except ValueError:
            return None
        if (parts.scheme, parts.hostname, port) != (self.scheme, self.host, self.port):
            return None
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    @property
    def bracketed(self) -> str:
        """The host, in brackets when it is an IPv6 address."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header says them."""
        return self.host if self.file else f"{self.bracketed}:{self.port}"


def parse_target(base_url: str) -> Target:
    """Parse the target in a base address. Raises `UsageError` when it is no http, https or Unix socket address."""
    local = unix_address(base_url)
    if local is not None:
        if not local.file:
            raise UsageError(f"'{base_url}' names no socket", hint="Write it like unix:/tmp/app.sock.")
        return Target("http", "localhost", 80, local.path.partition("?")[0].rstrip("/"), local.file)
    try:
        parts = urlsplit(base_url if "://" in base_url else f"http://{base_url}")
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        parts, port = None, 0
    if parts is None or not parts.hostname:
        hint = "Give the whole address, for example http://127.0.0.1:8000 or unix:/tmp/app.sock."
        raise UsageError(f"'{base_url}' is not an http:// or https:// address", hint=hint)
    return Target(parts.scheme, parts.hostname, port, parts.path.rstrip("/"))
