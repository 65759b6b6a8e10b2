"""Addresses of Unix sockets: `http+unix://%2Ftmp%2Fapp.sock/prefix`, or shorter `unix:/tmp/app.sock`."""

from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

SCHEME = "http+unix"
SHORT = "unix:"


class UnixAddress(NamedTuple):
    """A socket's `file`, and what is asked through it: `path` with its query, empty for the root."""

    file: str
    path: str


def unix_address(url: str) -> UnixAddress | None:
    """Read the address of a Unix socket; None for any other address, `file` is empty when it names none."""
    if url.startswith(SHORT):
        return UnixAddress(url.removeprefix(SHORT).removeprefix("//"), "")
    if not url.startswith(f"{SCHEME}://"):
        return None
    parts = urlsplit(url)  # not its hostname, which is lower case
    return UnixAddress(unquote(parts.netloc), parts.path + (f"?{parts.query}" if parts.query else ""))


def canonical(url: str) -> str:
    """Give an address to which a path can be appended: `unix:/tmp/app.sock` in its long form, others as they are."""
    found = unix_address(url) if url.startswith(SHORT) else None
    return f"{SCHEME}://{quote(found.file, safe='')}" if found else url
