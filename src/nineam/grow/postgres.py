"""PostgreSQL: the original is read in read-only transactions, a clone is a database made with it as the template."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nineam.errors import ApplicationError, UsageError
from nineam.grow.database import Clone, Made, no_clone
from nineam.grow.dialect import literal, quoted
from nineam.grow.postgres_catalog import ask
from nineam.grow.postgres_clone import PostgresClone, first_line
from nineam.grow.postgres_schema import read_schema
from nineam.grow.schema import Schema

OLDEST = 120000
LONGEST_NAME = 63
MARK = "nineam: a clone of "
HALF = "nineam: half made of "
BEGUN = "nineam: half made"
"""What is said of a database that somebody was killed over before it could be commented."""
BEGUN_LIMIT = 909_090
"""A limit of connections that nobody else gives: it marks a clone from its first moment, as no comment can."""
LISTS = ("search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries")
"""Settings that are lists of names, kept as they are written."""
CONNECT_S = 10
NO_DRIVER = "PostgreSQL needs the driver psycopg"
Parameters = dict[str, Any]


class PostgresSource:
    """A database of a server; `parameters` are libpq's, `address` is the URL the user gave."""

    kind = "postgresql"

    def __init__(self, parameters: Parameters, scheme: str = "postgresql") -> None:
        self._parameters = {"connect_timeout": CONNECT_S, "application_name": "nineam grow", **parameters}
        self._scheme = scheme
        self._connection = _connect(self._parameters)
        self._connection.read_only = True
        info = self._connection.info
        if info.server_version < OLDEST:
            version = info.server_version // 10000
            raise UsageError(f"PostgreSQL {version} is too old, expected 12 or newer", hint="upgrade the server")
        self.name = info.dbname
        self._role, self._super, self._creates, self._owns, self.size, comment = ask(self._connection, "rights")[0]
        if comment and comment.startswith("nineam: "):
            raise UsageError(f"{self.name} is a clone that nineam made", hint="grow the original")

    def schema(self) -> Schema:
        """Read tables, constraints, numbers of rows, and the facts of key columns, all at one moment."""
        import psycopg

        try:
            return read_schema(self._connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise UsageError(
                f"{self._role} may not read {self.name}: {first_line(error)}",
                hint=f"GRANT pg_read_all_data TO {quoted(self._role)}, or connect as the owner",
            ) from None
        except psycopg.Error as error:
            raise ApplicationError(f"{self.name} cannot be read: {first_line(error)}") from None
        finally:
            if not self._connection.closed:
                self._connection.rollback()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        import psycopg

        try:
            return list(self._connection.execute(sql).fetchall())
        except psycopg.Error as error:
            raise ApplicationError(f"{self.name} cannot be read: {first_line(error)}") from None

    def clone_name(self, name: str) -> str:
        """Return the database a clone is called."""
        chosen = name or f"{self.name[: LONGEST_NAME - len('_grown_part')]}_grown"
        if len(f"{chosen}_part".encode()) > LONGEST_NAME:
            raise UsageError(f"--name {name}: expected {LONGEST_NAME - 5} bytes or fewer", hint="choose a shorter one")
        return chosen

    def clone(self, name: str, *, replace: bool) -> Clone:
        """Make a copy with the original as its template; raises UsageError when it is not allowed or the name taken."""
        self._check_rights()
        self._writable()
        part = f"{name}_part"
        self._check_name(name, replace=replace)
        self._check_alone(part)
        self._drop_marked(part)
        try:
            self._copy(part)
            connection = _connect({**self._parameters, "dbname": part})
            connection.autocommit = True
        except BaseException:
            self._drop_marked(part)
            raise
        return PostgresClone(connection, name, lambda: self._publish(part, name), lambda: self._drop_marked(part))

    def _check_rights(self) -> None:
        role = quoted(self._role)
        if not (self._creates or self._super):
            raise UsageError(f"{self._role} may not create databases", hint=f"ALTER ROLE {role} CREATEDB")
        if not self._owns:
            raise UsageError(
                f"{self._role} does not own {self.name}, so may not copy it",
                hint=f"connect as its owner, or ALTER DATABASE {quoted(self.name)} OWNER TO {role}",
            )

    def _writable(self) -> None:
        """Let databases be created, which cannot be done in a transaction; the original is not touched by it."""
        self._connection.rollback()
        self._connection.read_only = False
        self._connection.autocommit = True

    def _check_name(self, name: str, *, replace: bool) -> None:
        there = {row[0] for row in self._connection.execute("SELECT datname FROM pg_database").fetchall()}
        if name in there and name not in self._marked():
            raise UsageError(
                f"the database {name} exists and was not made by nineam", hint="choose another with --name NAME"
            )
        if f"{name}_part" in there and f"{name}_part" not in self._marked():
            raise UsageError(
                f"the database {name}_part is in the way and was not made by nineam", hint="choose another --name"
            )
        if name in there and not replace:
            raise UsageError(
                f"there is a clone already: {name}", hint="--replace makes it anew, --name NAME puts another beside it"
            )

    def _copy(self, part: str) -> None:
        import psycopg

        try:
            limit = f"CONNECTION LIMIT {BEGUN_LIMIT}"
            self._connection.execute(f"CREATE DATABASE {quoted(part)} TEMPLATE {quoted(self.name)} {limit}")
        except psycopg.errors.ObjectInUse as error:
            raise self._in_use(error) from None
        except psycopg.Error as error:
            raise ApplicationError(f"{self.name} cannot be copied: {first_line(error)}") from None
        self._connection.execute(f"COMMENT ON DATABASE {quoted(part)} IS {literal(HALF + self.name)}")

    def _in_use(self, error: Exception) -> UsageError:
        users = ask(self._connection, "sessions", (self.name,))
        return UsageError(
            f"{self.name} is in use, and PostgreSQL copies only what nobody uses",
            details=[f"{application} from {host}, process {pid}, {state}" for pid, application, host, state in users]
            or [first_line(error)],
            hint="stop the application (and close psql) while the clone is made",
        )

    def _check_alone(self, part: str) -> None:
        """Refuse to work on a half-made clone on which another nineam works."""
        users = ask(self._connection, "sessions", (part,))
        if users:
            raise UsageError(
                f"another nineam is making this clone: process {users[0][0]} of the server",
                hint="wait for it, or choose another --name",
            )

    def _publish(self, part: str, name: str) -> Made:
        self._connection.execute(f"ALTER DATABASE {quoted(part)} CONNECTION LIMIT -1")
        self._connection.execute(f"COMMENT ON DATABASE {quoted(part)} IS {literal(MARK + self.name)}")
        for setting, value in ask(self._connection, "settings"):  # a template does not hand them on
            given = value if setting in LISTS else literal(value)
            self._connection.execute(f"ALTER DATABASE {quoted(part)} SET {quoted(setting)} TO {given}")
        self._drop_marked(name)
        self._connection.execute(f"ALTER DATABASE {quoted(part)} RENAME TO {quoted(name)}")
        return Made(name=name, address=self._address(name))

    def _address(self, name: str) -> str:
        """Return the clone's URL with the password left out: it is the original's."""
        user = quote(str(self._parameters.get("user", "")), safe="")
        secret = ":***" if self._parameters.get("password") else ""
        host, port = str(self._parameters.get("host", "")), self._parameters.get("port")
        at = f"{user}{secret}@" if user else ""
        if host.startswith("/"):
            return f"{self._scheme}://{at}/{quote(name)}?host={quote(host)}"
        shown = f"[{host}]" if ":" in host else host
        return f"{self._scheme}://{at}{shown}{f':{port}' if port else ''}/{quote(name)}"

    def _marked(self) -> dict[str, str]:
        return dict(ask(self._connection, "clones", (BEGUN_LIMIT,)))

    def _drop_marked(self, name: str) -> None:
        """Drop a database if it is there and nineam made it."""
        connection = self._connection if not self._connection.closed else _connect(self._parameters)
        connection.autocommit = True
        if name in dict(ask(connection, "clones", (BEGUN_LIMIT,))):
            force = " WITH (FORCE)" if connection.info.server_version >= 130000 else ""
            connection.execute(f"DROP DATABASE {quoted(name)}{force}")

    def room(self, name: str = "") -> tuple[Path, int] | None:  # noqa: ARG002 - the interface's
        """Return the server's directory and the free bytes there, when it is on this machine and may be known."""
        import psycopg

        try:
            (directory,) = self._connection.execute("SHOW data_directory").fetchone()
            status = os.statvfs(directory)
        except (psycopg.Error, OSError):
            return None
        finally:
            self._connection.rollback()
        return Path(directory), status.f_bavail * status.f_frsize

    def clones(self) -> tuple[str, ...]:
        """Return the clones of this database."""
        ours = (MARK + self.name, HALF + self.name)
        begun = f"{self.clone_name('')}_part"
        return tuple(name for name, said in self._marked().items() if said in ours or (said, name) == (BEGUN, begun))

    def drop(self, name: str) -> None:
        """Remove a clone; raises UsageError when nineam did not make it, or somebody uses it."""
        marked = self._marked()
        if name not in marked:
            raise no_clone(name, self.name, self.clones())
        self._writable()
        self._drop_marked(name)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()


def _connect(parameters: Parameters) -> Any:
    try:
        import psycopg
    except ImportError:
        raise UsageError(f"{NO_DRIVER}, which is not installed", hint="pip install 'nineam[postgres]'") from None
    try:
        return psycopg.connect(**parameters)
    except psycopg.Error as error:
        place = f"{parameters.get('host', 'the local socket')}, database {parameters.get('dbname', '')}"
        raise UsageError(
            f"cannot connect to PostgreSQL at {place}: {first_line(error)}",
            hint="is the server running, and are name and password right?",
        ) from None
