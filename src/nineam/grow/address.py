"""Where a database is: a file or an URL, as frameworks write it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from nineam.errors import UsageError
from nineam.model.record import Record

SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9.]*)(\+[a-zA-Z0-9_]+)?:/")
POSTGRES = ("postgresql", "postgres", "psql", "pgsql", "postgis")
MYSQL = ("mysql", "mariadb")
OTHERS = ("oracle", "mssql", "mongodb", "redis", "cockroachdb")
LIBPQ = ("host", "hostaddr", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "options", "service")
"""What is passed on to the driver; the rest of an URL's query is for drivers of other kinds."""
HINT = "write a file (shop.db), sqlite:///shop.db, postgresql://user:password@127.0.0.1/shop or mysql://..."


class Address(Record, frozen=True, kw_only=True):
    """A file, or the parameters of a connection for the driver of `kind`, and the `scheme` they were written with."""

    kind: Literal["sqlite", "postgresql", "mysql"]
    scheme: str
    path: str = ""
    parameters: dict[str, Any] = {}

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that may be connected to; sockets on this machine are none."""
        named = [str(self.parameters.get(name, "")) for name in ("host", "hostaddr")]
        hosts = [host for text in named for host in text.split(",")]
        return tuple(host for host in hosts if host and not host.startswith(("/", "@")))


def parse_address(text: str, environ: Mapping[str, str]) -> Address:
    """Read a file name or an URL; what it leaves open is as in libpq's environment. Raises UsageError."""
    found = SCHEME.match(text)
    if found is None:
        return Address(kind="sqlite", scheme="sqlite", path=text)
    family = found[1].lower()
    if family in ("sqlite", "sqlite3", "file"):
        return Address(kind="sqlite", scheme="sqlite", path=_sqlite_path(text))
    scheme, rest = text[: found.end() - 2], text[found.end() - 2 :]
    if family in MYSQL:
        return Address(kind="mysql", scheme=scheme, parameters=_mysql(rest))
    if family not in POSTGRES:
        known = f"{family} is not supported yet" if family in OTHERS else f"nothing is known of {family}"
        raise UsageError(f"grow works on SQLite, PostgreSQL and MySQL; {known}", hint=HINT)
    return Address(kind="postgresql", scheme=scheme, parameters=_postgres(rest, environ))


def _sqlite_path(text: str) -> str:
    path = unquote(text.partition(":")[2].partition("?")[0])
    stripped = path.removeprefix("//").removeprefix("/") if path.startswith("//") else path
    if not stripped or stripped == ":memory:":
        raise UsageError(f"{text} is a database in memory, which nobody else can read", hint=HINT)
    return str(Path(stripped))


def _mysql(rest: str) -> dict[str, Any]:
    try:
        parts = urlsplit("mysql" + rest)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"the database's URL cannot be read: {error}", hint=HINT) from None
    database = unquote(parts.path.lstrip("/"))
    if not database:
        raise UsageError("the database's URL names no database", hint="write it like mysql://root@127.0.0.1/shop")
    query = dict(parse_qsl(parts.query))
    given = {
        "host": parts.hostname or "localhost",
        "port": port,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "unix_socket": query.get("unix_socket") or query.get("unix_sock"),
        "database": database,
    }
    return {name: value for name, value in given.items() if value}


def _postgres(rest: str, environ: Mapping[str, str]) -> dict[str, Any]:
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise UsageError(
            "PostgreSQL needs the driver psycopg, which is not installed", hint="pip install 'nineam[postgres]'"
        ) from None
    parts = urlsplit("postgresql" + rest)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in LIBPQ])
    try:
        given = conninfo_to_dict(f"postgresql://{parts.netloc}{parts.path}?{query}")
    except ProgrammingError as error:
        raise UsageError(f"the database's URL cannot be read: {str(error).strip()}", hint=HINT) from None
    if not all(not port or port.isdigit() for port in str(given.get("port") or "").split(",")):
        raise UsageError(f"the database's URL cannot be read: its port is {given['port']!r}", hint=HINT)
    for name, variable in (("host", "PGHOST"), ("hostaddr", "PGHOSTADDR"), ("service", "PGSERVICE")):
        if environ.get(variable) and not given.get(name):
            given[name] = environ[variable]
    if given.get("service"):
        raise UsageError(
            f"the service {given['service']!r} may lead anywhere, so nineam does not follow it",
            hint="name host and database in the URL",
        )
    return {name: value for name, value in given.items() if value is not None}
