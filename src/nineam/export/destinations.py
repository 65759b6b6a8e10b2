"""Where a run can be sent: one line each."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from nineam.errors import UsageError, nearest
from nineam.export.delivery import Delivery, without_password
from nineam.export.otlp import Otlp
from nineam.export.prometheus import Prometheus

INSTALL = "pip install 'nineam[metrics]'"


class Destination(NamedTuple):
    """A destination by its option's name: the path of its endpoint when an URL names none, what it needs, the way."""

    name: str
    path: str
    module: str
    make: Callable[[str, str], Delivery]


DESTINATIONS: tuple[Destination, ...] = (
    Destination("prometheus", "/api/v1/write", "opentelemetry.exporter.prometheus_remote_write", Prometheus),
    Destination("otlp", "/v1/metrics", "opentelemetry.exporter.otlp.proto.http", Otlp),
)


def find_destination(name: str) -> Destination:
    """Return the destination called `name`; raises UsageError when there is none."""
    for candidate in DESTINATIONS:
        if candidate.name == name:
            return candidate
    names = [candidate.name for candidate in DESTINATIONS]
    close = nearest(name, names)
    raise UsageError(f"no destination {name!r}", hint=f"did you mean {close}?" if close else ", ".join(names))


def check_destination(name: str, url: str) -> None:
    """Raise UsageError when nothing could be sent there: a wrong address, or the extra is not installed."""
    endpoint(name, url)
    if not _installed(find_destination(name).module):
        raise UsageError(f"--{name} needs packages that are not installed", hint=INSTALL)


def endpoint(name: str, url: str) -> str:
    """Return the full address; raises UsageError when it is none."""
    example = f"http://127.0.0.1:9090{find_destination(name).path}"
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong:
        shown = without_password(url) if "@" in url and "://" in url else url
        raise UsageError(f"--{name}: got {shown!r}, expected an http:// or https:// URL", hint=f"like {example}")
    return urlunsplit(parts._replace(path=find_destination(name).path)) if parts.path in ("", "/") else url


def delivery(name: str, url: str, run: str) -> Delivery:
    """Open a way; `run` is what the run is called there."""
    return find_destination(name).make(endpoint(name, url), run)


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
