"""What a call of `self.client` sends, with the conventions of `requests`."""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from nineam.load.bodies import encode_body
from nineam.load.locust.exceptions import NotOfferedError
from nineam.load.outgoing import Outgoing

if TYPE_CHECKING:
    from nineam.load.locust.session import Session

KNOWN = frozenset(
    [
        "params",
        "data",
        "json",
        "headers",
        "cookies",
        "files",
        "auth",
        "timeout",
        "allow_redirects",
        "verify",
        "stream",
        "cert",
        "proxies",
        "hooks",
    ]
)


class Asked(NamedTuple):
    """One call: `options` as the task gave them."""

    method: str
    url: str
    name: str
    options: dict[str, Any]


def outgoing_for(asked: Asked, session: "Session", world: Any) -> tuple[Outgoing, float]:
    """Build the request of a call, and its timeout in seconds (0: the usual one).

    Raises `NotOfferedError` for an option that does not exist, `ValueError` for an address elsewhere.
    """
    options = asked.options
    if not options.keys() <= KNOWN:
        raise NotOfferedError(f"{min(options.keys() - KNOWN)}= of a request")
    url = world.address(asked.url, session.base_url)
    timeout_s = _timeout(options.get("timeout") or session.timeout)
    if not (session.headers or session.auth or session.params or (options and _shapes(options))):
        return world.plain(asked.method, url, asked.name), timeout_s
    return _full(asked, url, session, world), timeout_s


def _shapes(options: Mapping[str, Any]) -> bool:
    return any(
        options.get(name) is not None for name in ("params", "data", "json", "headers", "cookies", "files", "auth")
    )


def _full(asked: Asked, url: str, session: "Session", world: Any) -> Outgoing:
    options = asked.options
    kind, body = _body(options)
    headers = {"content-type": kind} if kind else {}
    headers |= dict(session.headers) | {name.lower(): value for name, value in (options.get("headers") or {}).items()}
    if options.get("cookies"):
        own = {**session.cookies, **options["cookies"]}
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in own.items())
    params = _pairs(session.params) + _pairs(options.get("params"))
    if params:
        prepared = world.build(asked.method, url, params, asked.name)
    else:
        prepared = world.plain(asked.method, url, asked.name)
    _authorize(options.get("auth") or session.auth, prepared, headers, body)
    if body or asked.method in ("POST", "PUT", "PATCH"):
        headers["content-length"] = str(len(body))
    lines = {name: _text(value) for name, value in headers.items() if value is not None}
    outgoing: Outgoing = world.surroundings.client.raw(asked.method, prepared.path, prepared.name, lines, body)
    return outgoing


def _body(options: Mapping[str, Any]) -> tuple[str, bytes]:
    data, files = options.get("data"), options.get("files")
    if files:
        return encode_body(None, dict(_pairs(data)), {name: _file(name, each) for name, each in _pairs(files)})
    if not data and options.get("json") is not None:
        return encode_body(options["json"], None, None)
    if isinstance(data, str | bytes):
        return "", data.encode() if isinstance(data, str) else data
    if data is not None and hasattr(data, "read"):
        return "", _bytes(data.read())
    if data:
        return "application/x-www-form-urlencoded", urlencode(_pairs(data), doseq=True).encode()
    return "", b""


def _file(name: str, given: Any) -> Any:
    if not isinstance(given, tuple):
        return (Path(str(getattr(given, "name", name))).name, _bytes(given), "application/octet-stream")
    filename, content, *kind = given[:3]
    return (filename or name, _bytes(content), *kind)


def _bytes(given: Any) -> bytes:
    content = given.read() if hasattr(given, "read") else given
    return content.encode() if isinstance(content, str) else bytes(content)


def _pairs(given: Any) -> list[tuple[str, Any]]:
    if not given:
        return []
    listed: Iterable[Any] = given.items() if isinstance(given, Mapping) else given
    return [(name, value) for name, value in listed if value is not None]


def _authorize(auth: Any, prepared: Outgoing, headers: dict[str, Any], body: bytes) -> None:
    if auth is None:
        return
    if isinstance(auth, tuple | list):
        user, password = auth
        headers["authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        return
    told = SimpleNamespace(method=prepared.method, url=prepared.url, headers=dict(headers), body=body)
    told.register_hook = lambda *_: None
    auth(told)
    headers |= {name.lower(): value for name, value in told.headers.items()}


def _timeout(given: Any) -> float:
    if isinstance(given, tuple | list):
        return float(sum(part or 0 for part in given))
    return float(given or 0)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
