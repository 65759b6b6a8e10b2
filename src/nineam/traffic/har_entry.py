"""One entry of a HAR file: checked, and made into a request that can be sent again."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import msgspec

from nineam.endpoints import endpoint_name
from nineam.model import Record, RequestSpec
from nineam.traffic.har_body import Posted, body_of
from nineam.traffic.times import nanoseconds

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
REDIRECTS = frozenset({301, 302, 303, 307, 308})
DEFAULT_PORTS = {"http": 80, "https": 443}
ASSET_TYPES = ("image/", "font/", "video/", "audio/", "text/css", "text/javascript", "application/javascript")
# the connection's own (RFC 9110 7.6.1), and what the client says for itself: where it asks, how long its body is,
# its own cookies, what it can decode
NOT_REPEATED = frozenset(
    {"connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "expect", "host", "content-length", "cookie", "accept-encoding"}
)
LONGEST_ANSWER_MS = 1e8
LONGEST_URL = 16_384


class Exchange(NamedTuple):
    """A request that was recorded, and what of its answer matters. Times are nanoseconds since 1970.

    A document is a page that was shown; an asset is what often comes from elsewhere.
    """

    request: RequestSpec
    scheme: str
    origin: str
    began_ns: int
    ended_ns: int
    redirects_to: str
    is_document: bool
    is_asset: bool
    is_websocket: bool


class _Header(Record, frozen=True, kw_only=True):
    name: str
    value: str = ""


class _Request(Record, frozen=True, kw_only=True):
    method: str
    url: str
    headers: list[_Header] | None = None
    posted: Posted | None = msgspec.field(default=None, name="postData")


class _Content(Record, frozen=True, kw_only=True):
    kind: str | None = msgspec.field(default=None, name="mimeType")


class _Response(Record, frozen=True, kw_only=True):
    status: float = 0
    headers: list[_Header] | None = None
    content: _Content | None = None
    redirect_url: str | None = msgspec.field(default=None, name="redirectURL")


class _Entry(Record, frozen=True, kw_only=True):
    began: str | None = msgspec.field(default=None, name="startedDateTime")
    request: _Request
    response: _Response | None = None
    milliseconds: float | None = msgspec.field(default=None, name="time")
    resource: str | None = msgspec.field(default=None, name="_resourceType")


_decode_entry = msgspec.json.Decoder(_Entry).decode


def exchange(raw: msgspec.Raw, before_ns: int) -> Exchange:
    """Read an entry; when it does not say when it began, it did at `before_ns`.

    Raises `ValueError` saying what is wrong with it.
    """
    entry = _decode_entry(raw)
    if len(entry.request.url) > LONGEST_URL and not entry.request.url.startswith("data:"):
        raise ValueError(f"its URL has {len(entry.request.url):,} characters, more than {LONGEST_URL:,}")
    scheme, origin, path = address(entry.request.url)
    began = nanoseconds(entry.began) if entry.began else before_ns
    answer = entry.response or _Response()
    kind = (answer.content and answer.content.kind) or ""
    return Exchange(
        request=_request(entry.request, path),
        scheme=scheme,
        origin=origin,
        began_ns=began,
        ended_ns=began + round(min(max(0.0, entry.milliseconds or 0.0), LONGEST_ANSWER_MS) * 1e6),
        redirects_to=_redirect(entry.request.url, answer),
        is_document=kind.startswith("text/html") and 200 <= answer.status < 300,
        is_asset=kind.startswith(ASSET_TYPES),
        is_websocket=scheme in ("ws", "wss") or answer.status == 101 or entry.resource == "websocket",
    )


def address(url: str) -> tuple[str, str, str]:
    """Scheme, origin, and path with query of an URL. Raises `ValueError` for what is none."""
    url.encode()
    parts = urlsplit(url)
    if not parts.scheme:
        raise ValueError(f"{url!r} is no URL")
    if parts.scheme not in DEFAULT_PORTS:
        return parts.scheme, "", parts.path
    if not parts.hostname:
        raise ValueError(f"{url!r} has no host")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, f"{parts.scheme}://{host}{port}", path


def _request(recorded: _Request, path: str) -> RequestSpec:
    if not TOKEN.fullmatch(recorded.method):
        raise ValueError(f"{recorded.method!r} is no method")
    method = recorded.method.upper()
    headers = _headers(recorded.headers or ())
    body = b""
    if recorded.posted is not None:
        kind, body = body_of(recorded.posted, headers.get("content-type", ""))
        if kind and body:
            headers["content-type"] = _one_line(kind)
    name = endpoint_name(method, path)
    return RequestSpec(method=method, path=path, name=name, headers=tuple(headers.items()), body=body)


def _headers(recorded: Iterable[_Header]) -> dict[str, str]:
    """What is sent again; pseudo headers of HTTP/2 begin with a colon, so they are no tokens."""
    kept: dict[str, str] = {}
    for each in recorded:
        name = each.name.lower()
        if TOKEN.fullmatch(name) and name not in NOT_REPEATED:
            kept[name] = f"{kept[name]}, {_one_line(each.value)}" if name in kept else _one_line(each.value)
    return kept


def _one_line(value: str) -> str:
    return " ".join(value.split()) if "\n" in value or "\r" in value else value


def _redirect(url: str, answer: _Response) -> str:
    if answer.status not in REDIRECTS:
        return ""
    named = (each.value for each in answer.headers or () if each.name.lower() == "location")
    where = answer.redirect_url or next(named, "")
    try:
        _, origin, path = address(urljoin(url, where))
    except ValueError:
        return ""
    return origin + path if where else ""
