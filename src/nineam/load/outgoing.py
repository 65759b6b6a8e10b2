"""Requests before they are sent: request heads built once."""

import functools
import importlib.util
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import quote, urlencode

from nineam.endpoints import endpoint_name
from nineam.load.bodies import Data, FileContent, encode_body
from nineam.load.proxies import parse_proxy
from nineam.load.target import Target
from nineam.load.timeouts import TimeoutOption, Timeouts, parse_timeouts
from nineam.load.uploads import Upload, upload_of
from nineam.model import HttpOptions

if TYPE_CHECKING:
    from nineam.load.response import Response

MARK = b"x-nineam-sent: %d\r\n\r\n"
MOST_NAMED = 1000
SAFE_IN_PATH = "/%:@!$&'()*+,;=~-._?[]"


class Options(TypedDict, total=False):
    """What a journey may say about a request besides method and path.

    `expect` is the status (or statuses) that count as success, `timeout` is in seconds (in all, or of each kind),
    `name` is the endpoint the request counts under.
    """

    params: Mapping[str, Any] | Sequence[tuple[str, Any]]
    json: Any
    data: Data
    files: Mapping[str, FileContent]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    name: str
    expect: "int | str | Collection[int | str] | Callable[[Response], object]"
    tags: Mapping[str, object]
    redirects: bool | int
    timeout: TimeoutOption


class Outgoing:
    """A request that is ready to be sent any number of times. `name` is the endpoint it counts under.

    `timeouts` are its own, None for the plan's. `unusual` says that a connection has to do more than to send it and
    to take an answer: a HEAD, one that ends the connection, or a body that is an `upload`.
    """

    __slots__ = (
        "body",
        "closes",
        "head",
        "headers",
        "is_head",
        "method",
        "name",
        "path",
        "timeouts",
        "unusual",
        "upload",
        "url",
    )

    def __init__(
        self, method: str, path: str, url: str, name: str, headers: Mapping[str, str], head: bytes, body: bytes
    ) -> None:
        self.method = method
        self.path = path
        self.url = url
        self.name = name
        self.headers = headers
        self.head = head
        self.body = body
        self.is_head = method == "HEAD"
        self.closes = "close" in headers.get("connection", "").lower()
        self.timeouts: Timeouts | None = None
        self.upload: Upload | None = None
        self.unusual = self.is_head or self.closes

    def bytes_at(self, now_ns: int, extra: bytes) -> bytes:
        """Give what goes over the wire; `now_ns` is told to the application's side unless it is 0."""
        end = MARK % now_ns if now_ns else b"\r\n"
        return self.head + extra + end + self.body if self.body or extra else self.head + end


class Builder:
    """Builds requests for one target, to travel as `options` say. Raises `UsageError` when these cannot be used.

    `named` are the endpoints to which a user has given a name, with what the first request of each would count under
    without it.
    """

    def __init__(self, target: Target, options: HttpOptions = HttpOptions()) -> None:  # noqa: B008 - it is frozen
        self.target = target
        proxy = parse_proxy(options.proxy)
        absolute = proxy is not None and target.scheme == "http" and not options.http2
        self._before = target.origin if absolute else ""
        self._fixed = {"user-agent": "nineam", "accept": "*/*", "accept-encoding": encodings()}
        if proxy is not None and absolute and proxy.authorization:
            self._fixed["proxy-authorization"] = proxy.authorization
        if options.no_connection_reuse and not options.http2:
            self._fixed["connection"] = "close"
        self._fixed_lines = "".join(f"{name}: {value}\r\n" for name, value in self._fixed.items())
        self._timeouts = _own_timeouts(options)
        self.named: dict[str, str] = {}

    def build(  # noqa: PLR0913 - they are what a journey may say of a request
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        json: Any = None,
        data: Data | None = None,
        files: Mapping[str, FileContent] | None = None,
        headers: Mapping[str, str] | None = None,
        name: str = "",
        timeout: TimeoutOption | None = None,
    ) -> Outgoing:
        """Build a request from what a journey says. Raises `ValueError` for an address elsewhere or a broken header."""
        address = self._path(path)
        if params:
            address += ("&" if "?" in address else "?") + urlencode(params, doseq=True)
        upload = None if files or json is not None else upload_of(data)
        kind, body = encode_body(json, None if upload else data, files)
        lines = {"content-type": kind} if kind else {}
        lines.update({key.lower(): value for key, value in (headers or {}).items()})
        if upload:
            _frame(upload, lines)
        elif body or method in ("POST", "PUT", "PATCH"):
            lines["content-length"] = str(len(body))
        counted = endpoint_name(method, name or address, fold=not name)
        if name and counted not in self.named and len(self.named) < MOST_NAMED:
            self.named[counted] = endpoint_name(method, address)
        outgoing = self.raw(method, address, counted, lines, body)
        if upload:
            outgoing.upload, outgoing.unusual = upload, True
        if timeout is not None:
            outgoing.timeouts = parse_timeouts(timeout, self._timeouts)
        return outgoing

    def rename(self, outgoing: Outgoing, name: str) -> None:
        """Let a request count under a name of the user's choice."""
        if name not in self.named and len(self.named) < MOST_NAMED:
            self.named[name] = outgoing.name
        outgoing.name = name

    def raw(self, method: str, path: str, name: str, headers: Mapping[str, str], body: bytes) -> Outgoing:
        """Build a request from its parts as they are; `path` is already encoded and `headers` have lower-case names."""
        lines = f"{method} {self._before}{path} HTTP/1.1\r\nhost: {headers.get('host', self.target.authority)}\r\n"
        if self._fixed.keys().isdisjoint(headers):
            lines += self._fixed_lines
        else:
            lines += "".join(f"{key}: {value}\r\n" for key, value in self._fixed.items() if key not in headers)
        head = lines.encode("latin-1") + header_lines({key: value for key, value in headers.items() if key != "host"})
        outgoing = Outgoing(method, path, self.target.origin + path, name, headers, head, body)
        outgoing.timeouts = self._timeouts
        return outgoing

    def _path(self, path: str) -> str:
        if "://" in path[:8]:
            here = self.target.path_of(path)
            if here is None:
                raise ValueError(f"{path} is not on {self.target.origin}: a journey only talks to the application")
            return quote(here, safe=SAFE_IN_PATH)
        slashed = path if path.startswith("/") else f"/{path}"
        return self.target.prefix + quote(slashed.partition("#")[0], safe=SAFE_IN_PATH)


@functools.cache
def encodings() -> str:
    """The encodings of answers that can be decoded here."""
    return "gzip, deflate, br" if importlib.util.find_spec("brotli") else "gzip, deflate"


def _own_timeouts(options: HttpOptions) -> Timeouts | None:
    own = Timeouts(round(options.connect_timeout_s * 1e9), round(options.read_timeout_s * 1e9))
    return own if any(own) else None


def _frame(upload: Upload, lines: dict[str, str]) -> None:
    """Say how long a body in pieces is, or that it says so itself."""
    lines.setdefault("content-type", "application/octet-stream")
    if upload.length >= 0:
        lines["content-length"] = str(upload.length)
    elif not lines.get("content-length", "").isdigit():
        lines.pop("content-length", None)
        lines["transfer-encoding"] = "chunked"


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Headers as they go over the wire. Raises `ValueError` when one would break the line it stands on."""
    text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError("a header may not contain a line break")
    return text.encode("latin-1", "replace")
