"""Addresses in environment variables: which dependencies they name, and how they read with other addresses. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

DEFAULT_PORTS = {
    "postgresql": 5432,
    "mysql": 3306,
    "mongodb": 27017,
    "redis": 6379,
    "memcached": 11211,
    "amqp": 5672,
    "http": 80,
    "https": 443,
}
KIND_OF_PORT = {port: kind for kind, port in DEFAULT_PORTS.items() if kind not in ("http", "https")}
SCHEMES = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "psql": "postgresql",
    "postgis": "postgresql",
    "pgsql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mongodb": "mongodb",
    "redis": "redis",
    "rediss": "redis",
    "valkey": "redis",
    "rediscache": "redis",
    "memcached": "memcached",
    "memcache": "memcached",
    "amqp": "amqp",
    "amqps": "amqp",
    "pyamqp": "amqp",
    "http": "http",
    "https": "https",
}
"""What the part of a scheme before `+` stands for."""
PREFIXES = (
    ("PG", "postgresql"),
    ("POSTGRES", "postgresql"),
    ("MYSQL", "mysql"),
    ("MARIADB", "mysql"),
    ("MONGO", "mongodb"),
    ("REDIS", "redis"),
    ("VALKEY", "redis"),
    ("MEMCACHE", "memcached"),
    ("RABBIT", "amqp"),
    ("AMQP", "amqp"),
)
"""What a variable is about when its name begins like that."""
NOT_THE_APPLICATIONS = (
    "ALL_PROXY", "CARGO_", "CONDA_", "DBUS_", "DISPLAY", "DOCKER_", "FTP_PROXY", "GIT_", "GPG_", "HF_", "HOMEBREW_",
    "HTTPS_PROXY", "HTTP_PROXY", "LESS", "LS_COLORS", "NINEAM_", "NODE_", "NO_PROXY", "NPM_", "OLDPWD", "PIP_",
    "POETRY_", "PWD", "PYTHON", "RUSTUP_", "SSH_", "UV_", "VIRTUAL_ENV", "XDG_",
)  # fmt: skip
"""Variables of tools and of the system: what they name is no dependency of the application."""
VERIFIED = ("sslmode=verify", "ssl_mode=verify", "ssl_check_hostname=true")

URL = re.compile(
    r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.\-]*)://"
    r"(?P<user>[^\s/?#\"']*@)?"
    r"(?P<host>\[[0-9a-fA-F:]+\]|[^\s/:@?#,\"'\[\]]+)"
    r"(?::(?P<port>\d{1,5}))?"
    r"(?P<rest>[/?#,][^\s\"']*)?"
)
KEYWORDS = re.compile(r"\bhost=(?P<host>[^\s'\"/]+)")
KEYWORD_PORT = re.compile(r"\bport=(?P<port>\d{1,5})")
PLACE = re.compile(r"(?P<host>[A-Za-z0-9.\-]+):(?P<port>\d{1,5})")
HOST = re.compile(r"[A-Za-z0-9.\-]+")
HOST_NAMES = ("HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS")


class Mention(NamedTuple):
    """A variable that says where something is; `pinned` when whoever connects verifies the host's name."""

    variable: str
    kind: str
    host: str
    port: int
    pinned: bool = False


Place = tuple[str, int]
Replace = Callable[[str, int], int | None]
"""Gives for a host and a port the port on 127.0.0.1 that stands for it now; None to leave it."""


def mentions(environ: Mapping[str, str]) -> tuple[Mention, ...]:
    """List what the variables of an application mention, in the order of their names."""
    found: list[Mention] = []
    rewritten(environ, lambda *_: None, found)
    return tuple(found)


def rewritten(environ: Mapping[str, str], replace: Replace, found: list[Mention] | None = None) -> dict[str, str]:
    """Copy variables, with the addresses that `replace` knows replaced; every mention is added to `found`."""
    result = dict(environ)
    seen: list[Mention] = [] if found is None else found
    for name in sorted(environ):
        if not name.upper().startswith(NOT_THE_APPLICATIONS):
            result.update(_variable(name, environ, replace, seen))
    return result


def loopback(host: str) -> str:
    """Return one name for all the names of this machine that need no look-up; other hosts in lower case."""
    bare = host.strip("[]").lower()
    return "127.0.0.1" if bare in ("localhost", "::1", "") or bare.startswith("127.") else bare


def kind_of_name(variable: str) -> str:
    """Say what a variable is about by its name; empty when that does not tell."""
    words = variable.upper()
    return next((kind for prefix, kind in PREFIXES if words.startswith(prefix) or f"_{prefix}" in words), "")


def _variable(name: str, environ: Mapping[str, str], replace: Replace, seen: list[Mention]) -> dict[str, str]:
    """Return what becomes of one variable, and of the one with the port beside it."""
    value = environ[name]
    if "://" in value:
        return {name: URL.sub(lambda match: _url(name, match, replace, seen), value)}
    if KEYWORDS.search(value) and ("dbname=" in value or "user=" in value):
        return {name: _keywords(name, value, replace, seen)}
    kind = kind_of_name(name)
    whole = PLACE.fullmatch(value)
    if kind and whole:
        port = _told(Mention(name, kind, whole["host"], int(whole["port"])), replace, seen)
        return {} if port is None else {name: f"127.0.0.1:{port}"}
    return _pair(name, environ, replace, seen)


def _url(name: str, match: re.Match[str], replace: Replace, seen: list[Mention]) -> str:
    scheme = match["scheme"].lower()
    kind = SCHEMES.get(scheme.partition("+")[0], "")
    rest = match["rest"] or ""
    if not kind or rest.startswith(","):  # several hosts in one address are left to whoever wrote them
        return match[0]
    pinned = scheme in ("https", "rediss", "amqps") or any(word in rest.lower() for word in VERIFIED)
    number = int(match["port"] or DEFAULT_PORTS[kind])
    told = Mention(name, "http" if kind == "https" else kind, match["host"].strip("[]"), number, pinned)
    port = _told(told, replace, seen)
    return match[0] if port is None else f"{match['scheme']}://{match['user'] or ''}127.0.0.1:{port}{rest}"


def _keywords(name: str, value: str, replace: Replace, seen: list[Mention]) -> str:
    host, given = KEYWORDS.search(value), KEYWORD_PORT.search(value)
    assert host is not None
    number = int(given["port"]) if given else DEFAULT_PORTS["postgresql"]
    pinned = any(word in value.lower() for word in VERIFIED)
    port = _told(Mention(name, "postgresql", host["host"], number, pinned), replace, seen)
    if port is None:
        return value
    moved = KEYWORDS.sub("host=127.0.0.1", value)
    return KEYWORD_PORT.sub(f"port={port}", moved) if given else f"{moved} port={port}"


def _pair(name: str, environ: Mapping[str, str], replace: Replace, seen: list[Mention]) -> dict[str, str]:
    """Read a host, and its port in the variable beside it: `PGHOST` and `PGPORT`, `DB_HOST` and `DB_PORT`."""
    ending = next((each for each in HOST_NAMES if name.upper().endswith(each)), "")
    if not ending or name.upper() in HOST_NAMES or not HOST.fullmatch(environ[name]):
        return {}
    beside = name[: -len(ending)] + ("port" if name.islower() else "PORT")
    given = environ.get(beside, "")
    kind = kind_of_name(name) or (KIND_OF_PORT.get(int(given), "") if given.isdigit() else "")
    if not kind or (given and not given.isdigit()):
        return {}
    port = _told(Mention(name, kind, environ[name], int(given or DEFAULT_PORTS[kind])), replace, seen)
    return {} if port is None else {name: "127.0.0.1", beside: str(port)}


def _told(mention: Mention, replace: Replace, seen: list[Mention]) -> int | None:
    seen.append(mention)
    return None if mention.pinned else replace(mention.host, mention.port)
