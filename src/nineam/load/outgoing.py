"""Requests before they are sent: the target's address, request heads built once, bodies of every kind."""

import json as json_module
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict
from urllib.parse import quote, urlencode, urlsplit

from nineam.errors import UsageError

MARK = b"x-nineam-sent: %d\r\n\r\n"
FIXED = "user-agent: nineam\r\naccept: */*\r\naccept-encoding: gzip\r\n"
ORIGINAL = frozenset({"user-agent", "accept", "accept-encoding", "host"})
SAFE_IN_PATH = "/%:@!$&'()*+,;=~-._?[]"
UNIQUE = re.compile(r"(?<=/)(?:\d+|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})(?=/|$)")

FileContent = bytes | tuple[str, bytes] | tuple[str, bytes, str]


class Options(TypedDict, total=False):
    """What a journey may say about a request besides method and path.

    `expect` is the status (or statuses) that count as success, `timeout` is in seconds, `name` is the endpoint
    the request counts under.
    """

    params: Mapping[str, Any] | Sequence[tuple[str, Any]]
    json: Any
    data: bytes | str | Mapping[str, Any]
    files: Mapping[str, FileContent]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    name: str
    expect: int | Collection[int]
    timeout: float


class Target(NamedTuple):
    """Where the application listens. `prefix` is the path of the base address, without a final slash."""

    scheme: str
    host: str
    port: int
    prefix: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as they stand in an address."""
        default = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{self.authority if self.port != default else self.bracketed}"

    @property
    def bracketed(self) -> str:
        """The host, in brackets when it is an IPv6 address."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header says them."""
        return f"{self.bracketed}:{self.port}"


def parse_target(base_url: str) -> Target:
    """Parse the target in a base address. Raises `UsageError` when it is no http or https address."""
    try:
        parts = urlsplit(base_url if "://" in base_url else f"http://{base_url}")
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        parts, port = None, 0
    if parts is None or not parts.hostname:
        hint = "Give the whole address, for example http://127.0.0.1:8000."
        raise UsageError(f"'{base_url}' is not an http:// or https:// address", hint=hint)
    return Target(parts.scheme, parts.hostname, port, parts.path.rstrip("/"))


class Outgoing:
    """A request that is ready to be sent any number of times. `name` is the endpoint it counts under."""

    __slots__ = ("body", "head", "headers", "is_head", "method", "name", "path", "url")

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

    def bytes_at(self, now_ns: int, extra: bytes) -> bytes:
        """Give what goes over the wire; `now_ns` is told to the application's side unless it is 0."""
        end = MARK % now_ns if now_ns else b"\r\n"
        return self.head + extra + end + self.body if self.body or extra else self.head + end


class Builder:
    """Builds requests for one target."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def build(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        json: Any = None,
        data: bytes | str | Mapping[str, Any] | None = None,
        files: Mapping[str, FileContent] | None = None,
        headers: Mapping[str, str] | None = None,
        name: str = "",
    ) -> Outgoing:
        """Build a request from what a journey says. Raises `ValueError` for an address elsewhere or a broken header."""
        address = self._path(path)
        if params:
            address += ("&" if "?" in address else "?") + urlencode(params, doseq=True)
        kind, body = encode_body(json, data, files)
        lines = {"content-type": kind} if kind else {}
        lines.update({key.lower(): value for key, value in (headers or {}).items()})
        if body or method in ("POST", "PUT", "PATCH"):
            lines["content-length"] = str(len(body))
        return self.raw(method, address, endpoint_name(method, name or address, fold=not name), lines, body)

    def raw(self, method: str, path: str, name: str, headers: Mapping[str, str], body: bytes) -> Outgoing:
        """Build a request from its parts as they are; `path` is already encoded and `headers` have lower-case names."""
        lines = f"{method} {path} HTTP/1.1\r\nhost: {headers.get('host', self.target.authority)}\r\n"
        if ORIGINAL.isdisjoint(headers):
            lines += FIXED
        else:
            lines += "".join(f"{line}\r\n" for line in FIXED.splitlines() if line.partition(":")[0] not in headers)
        head = lines.encode("latin-1") + header_lines({key: value for key, value in headers.items() if key != "host"})
        return Outgoing(method, path, self.target.origin + path, name, headers, head, body)

    def _path(self, path: str) -> str:
        if "://" in path[:8]:
            if not path.startswith(self.target.origin):
                raise ValueError(f"{path} is not on {self.target.origin}: a journey only talks to the application")
            path = path[len(self.target.origin) :]
            return quote(path.partition("#")[0] or "/", safe=SAFE_IN_PATH)
        slashed = path if path.startswith("/") else f"/{path}"
        return self.target.prefix + quote(slashed.partition("#")[0], safe=SAFE_IN_PATH)


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Headers as they go over the wire. Raises `ValueError` when one would break the line it stands on."""
    text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError("a header may not contain a line break")
    return text.encode("latin-1", "replace")


def endpoint_name(method: str, path: str, *, fold: bool = True) -> str:
    """Give `METHOD /path` without query; segments that are numbers or UUIDs become `{id}` when folding."""
    bare = path.partition("?")[0]
    return f"{method} {UNIQUE.sub('{id}', bare) if fold else bare}"


def encode_body(
    json: Any, data: bytes | str | Mapping[str, Any] | None, files: Mapping[str, FileContent] | None
) -> tuple[str, bytes]:
    """Content type and bytes of a body; both empty when there is none."""
    if files:
        return _multipart(data if isinstance(data, Mapping) else {}, files)
    if json is not None:
        return "application/json", json_module.dumps(json, separators=(",", ":")).encode()
    if isinstance(data, Mapping):
        return "application/x-www-form-urlencoded", urlencode(data, doseq=True).encode()
    if isinstance(data, str):
        return "text/plain; charset=utf-8", data.encode()
    return ("application/octet-stream", data) if data else ("", b"")


def _multipart(fields: Mapping[str, Any], files: Mapping[str, FileContent]) -> tuple[str, bytes]:
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{name}"', "", str(value).encode()) for name, value in fields.items()]
    for name, content in files.items():
        filename, body, kind = _file(name, content)
        parts.append(_part(boundary, f'name="{name}"; filename="{filename}"', f"Content-Type: {kind}\r\n", body))
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _file(name: str, content: FileContent) -> tuple[str, bytes, str]:
    if isinstance(content, bytes):
        return name, content, "application/octet-stream"
    return content[0], content[1], content[2] if len(content) > 2 else "application/octet-stream"


def _part(boundary: str, disposition: str, more: str, body: bytes) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n".encode() + body + b"\r\n"
