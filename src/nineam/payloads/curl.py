"""A payload as a line for a shell, with curl. Headers that may be secret are named, not shown."""

import re
import shlex
from collections.abc import Iterable
from urllib.parse import urlsplit

from nineam.model import Payload
from nineam.model.address import unix_address
from nineam.model.payload import WITH_BODY
from nineam.payloads.literals import python_bytes, python_literal, shell_word

LONGEST = 1_500
PYTHON = "python3 -c {} | "
VARIABLE = re.compile(r"[^A-Z0-9]+")


def curl(payload: Payload, base_url: str, secrets: Iterable[str] = ()) -> str:
    """Write the line. `secrets` are names of headers whose values are taken from the environment."""
    if payload.framed or any("\x00" in value for _, value in payload.headers):
        return _raw(payload, base_url)
    before, body = _body(payload)
    words = ["curl", "-i", *_options(payload, base_url), *_headers(payload, tuple(secrets)), *body]
    return before + " ".join([*words, _address(payload, base_url)])


def variable(header: str) -> str:
    """Name the variable that holds a secret header: `authorization` is in `AUTHORIZATION`."""
    return VARIABLE.sub("_", header.upper())


def _options(payload: Payload, base_url: str) -> list[str]:
    local = unix_address(base_url)
    words = ["--unix-socket", shlex.quote(local.file)] if local else []
    words += ["-k"] if base_url.startswith("https:") else []
    words += ["--path-as-is"] if "/.." in payload.path or "/./" in payload.path else []
    words += ["-g"] if any(mark in payload.target for mark in "[]{}") else []
    if payload.method == "HEAD":
        return [*words, "-I"]
    usual = "POST" if payload.body else "GET"
    return [*words, *(["-X", payload.method] if payload.method != usual else [])]


def _headers(payload: Payload, secrets: tuple[str, ...]) -> list[str]:
    words: list[str] = []
    for name, value in payload.headers:
        if name not in secrets:
            line = f"{name}: {value}" if value else f"{name};"
            words += ["-H", shell_word(line.encode("latin-1", "replace"))]
    for name in secrets:
        words += ["-H", f'"{name}: ${variable(name)}"']
    bare = (payload.body or payload.method in WITH_BODY) and "content-type" not in dict(payload.headers)
    return [*words, *(["-H", "content-type:"] if bare else [])]


def _body(payload: Payload) -> tuple[str, list[str]]:
    """What stands before the line, and the option for the body."""
    content = payload.content
    if not content:
        return "", ["--data-binary", "''"] if payload.method in WITH_BODY else []
    long = len(content) > LONGEST or len(content) > 3 * len(python_bytes(payload.body))
    if 0 in content or long or content.startswith(b"@"):
        return PYTHON.format(shlex.quote(_writing(python_bytes(payload.body)))), ["--data-binary", "@-"]
    return "", ["--data-binary", shell_word(content)]


def _address(payload: Payload, base_url: str) -> str:
    base = "http://localhost" if unix_address(base_url) else base_url.rstrip("/")
    return shlex.quote(base + payload.target)


def _raw(payload: Payload, base_url: str) -> str:
    """What curl would put right by itself goes over a bare connection, which curl has too."""
    parts = urlsplit(base_url)
    local = unix_address(base_url)
    host = "localhost" if local else parts.netloc
    head = payload.over_the_wire(host, prefix="" if local else parts.path.rstrip("/"))[: -len(payload.content) or None]
    code = f"{python_literal(head)} + {python_bytes(payload.body)}" if payload.body else python_literal(head)
    return PYTHON.format(shlex.quote(_writing(code))) + _connection(base_url)


def _connection(base_url: str) -> str:
    local = unix_address(base_url)
    if local:
        return f"curl -s -m 10 --unix-socket {shlex.quote(local.file)} telnet://localhost"
    parts = urlsplit(base_url)
    if parts.scheme == "https":
        return f"openssl s_client -quiet -connect {parts.hostname}:{parts.port or 443}"
    return f"curl -s -m 10 telnet://{parts.hostname}:{parts.port or 80}"


def _writing(code: str) -> str:
    return f"import sys; sys.stdout.buffer.write({code})"
