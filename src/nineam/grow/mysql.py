"""MySQL and MariaDB: the original is read in read-only transactions, a clone is another database of the same server."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nineam.errors import ApplicationError, UsageError
from nineam.grow.database import Clone, Made, no_clone
from nineam.grow.dialect_mysql import backquoted, text
from nineam.grow.mysql_clone import MysqlClone, words
from nineam.grow.mysql_schema import ask, read_schema
from nineam.grow.schema import Schema

LONGEST_NAME = 64
MARK = "nineam_clone"
"""The table by which a clone is known: of what it is one, and whether it is finished."""
DENIED = (1044, 1142, 1227)
SESSION = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'",
    "SET SESSION foreign_key_checks = 0",
    "SET SESSION unique_checks = 0",
)
FRESH = ("SET SESSION information_schema_stats_expiry = 0",)
AS_IT_WAS = ("SET SESSION sql_generate_invisible_primary_key = 0", "SET SESSION restrict_fk_on_non_standard_key = 0")
"""Settings of MySQL only: numbers that are not of yesterday, and tables as the original has them."""
OLDEST = {"MySQL": (8, 0), "MariaDB": (10, 4)}
CONNECT_S = 10
WRITTEN = """SELECT table_name, update_time FROM information_schema.tables
WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name"""
Parameters = dict[str, Any]


class MysqlSource:
    """A database of a server; `parameters` are the driver's, `scheme` is what the user's URL began with."""

    kind = "mysql"

    def __init__(self, parameters: Parameters, scheme: str = "mysql") -> None:
        self._parameters = parameters
        self._scheme = scheme
        self.name = str(parameters["database"])
        self._connection = _connect(parameters)
        _prefer(self._connection, FRESH)
        self._check_version()
        ask(self._connection, "SET SESSION TRANSACTION READ ONLY")
        if self._mark(self.name):
            raise UsageError(f"{self.name} is a clone that nineam made", hint="grow the original")
        sizes = "SELECT coalesce(sum(data_length + index_length), 0) FROM information_schema.tables"
        self.size = int(ask(self._connection, f"{sizes} WHERE table_schema = database()")[0][0])

    def _check_version(self) -> None:
        ((version,),) = ask(self._connection, "SELECT version()")
        brand = "MariaDB" if "MariaDB" in version else "MySQL"
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST[brand]:
            oldest = ".".join(map(str, OLDEST[brand]))
            raise UsageError(f"{brand} {version} is too old, expected {oldest} or newer", hint="upgrade the server")

    def schema(self) -> Schema:
        """Read tables, constraints, numbers of rows, and the facts of key columns, all at one moment."""
        from pymysql import err

        try:
            ask(self._connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            return read_schema(self._connection)
        except err.Error as error:
            raise ApplicationError(f"{self.name} cannot be read: {words(error)}") from None
        finally:
            with contextlib.suppress(err.Error):
                self._connection.rollback()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a question."""
        from pymysql import err

        try:
            return ask(self._connection, sql)
        except err.Error as error:
            raise ApplicationError(f"{self.name} cannot be read: {words(error)}") from None

    def clone_name(self, name: str) -> str:
        """Return the database a clone is called."""
        chosen = name or f"{self.name[: LONGEST_NAME - len('_grown')]}_grown"
        if len(chosen) > LONGEST_NAME:
            raise UsageError(f"--name {name}: expected {LONGEST_NAME} characters or fewer", hint="choose a shorter one")
        return chosen

    def clone(self, name: str, *, replace: bool) -> Clone:
        """Make a copy, table by table; raises UsageError when it is not allowed or the name is taken."""
        self._check_name(name, replace=replace)
        self._check_alone(name)
        connection = _connect(self._parameters)
        number = connection.thread_id()
        try:
            self._drop_marked(name)
            self._create(connection, name)
            for setting in SESSION:
                ask(connection, setting)
            _prefer(connection, AS_IT_WAS)
            before = self._written()
            triggers = self._copy(connection, name)
            self._check_still(before)
            connection.autocommit(True)
        except BaseException:
            with contextlib.suppress(Exception):
                connection.close()
            self._end(number, name)
            raise
        return MysqlClone(connection, triggers, lambda: self._publish(name), lambda: self._end(number, name))

    def _check_name(self, name: str, *, replace: bool) -> None:
        there = {row[0] for row in ask(self._connection, "SHOW DATABASES")}
        mark = self._mark(name)
        if name in there and mark is None:
            raise UsageError(
                f"the database {name} exists and was not made by nineam", hint="choose another with --name NAME"
            )
        if mark is not None and mark[1] == "made" and not replace:
            raise UsageError(
                f"there is a clone already: {name}", hint="--replace makes it anew, --name NAME puts another beside it"
            )

    def _check_alone(self, name: str) -> None:
        """Refuse to work on a half-made clone on which another nineam works."""
        users = ask(self._connection, "SELECT id FROM information_schema.processlist WHERE db = %s", (name,))
        if users:
            raise UsageError(
                f"the clone {name} is in use: another nineam makes it, or an application uses it",
                details=[f"connection {number} of the server" for (number,) in users],
                hint="wait for it or stop it, or choose another --name",
            )

    def _create(self, connection: Any, name: str) -> None:
        from pymysql import err

        try:
            ((charset, collation),) = ask(connection, "SELECT @@character_set_database, @@collation_database")
            ask(connection, f"CREATE DATABASE {backquoted(name)} CHARACTER SET {charset} COLLATE {collation}")
        except err.OperationalError as error:
            if error.args[0] not in DENIED:
                raise ApplicationError(f"the clone {name} cannot be made: {words(error)}") from None
            ((user,),) = ask(self._connection, "SELECT current_user()")
            account = "@".join(f"'{part}'" for part in user.split("@"))
            raise UsageError(
                f"{user} may not create the database {name}", hint=f"GRANT ALL ON {backquoted(name)}.* TO {account}"
            ) from None
        ask(connection, f"USE {backquoted(name)}")
        ask(connection, f"CREATE TABLE {MARK} (source varchar(64) PRIMARY KEY, state varchar(20))")
        ask(connection, f"INSERT INTO {MARK} VALUES ({text(self.name)}, 'half made')")
        connection.commit()

    def _copy(self, connection: Any, name: str) -> list[str]:
        """Copy tables, their rows and the views; the statements of the triggers, for later."""
        from pymysql import err

        ours = backquoted(self.name)
        try:
            tables = ask(connection, f"SHOW FULL TABLES FROM {ours}")
            for table, kind in tables:
                if kind == "BASE TABLE":
                    ((_, statement),) = ask(connection, f"SHOW CREATE TABLE {ours}.{backquoted(table)}")
                    ask(connection, statement)
                    self._copy_rows(connection, table)
            for table, kind in tables:
                if kind == "VIEW":
                    statement = ask(connection, f"SHOW CREATE VIEW {ours}.{backquoted(table)}")[0][1]
                    with contextlib.suppress(err.Error):  # a view of what is not here is no part of the data
                        ask(connection, statement.replace(f"{ours}.", f"{backquoted(name)}."))
            triggers = [row[0] for row in ask(connection, f"SHOW TRIGGERS FROM {ours}")]
            shown = [ask(connection, f"SHOW CREATE TRIGGER {ours}.{backquoted(each)}")[0][2] for each in triggers]
            return [each.replace(f"{ours}.", "") for each in shown]
        except err.Error as error:
            raise ApplicationError(f"{self.name} cannot be copied: {words(error)}") from None

    def _written(self) -> list[tuple[Any, ...]]:
        """Return when each table was last written to, as far as the server knows."""
        self._connection.rollback()
        return ask(self._connection, WRITTEN)

    def _check_still(self, before: list[tuple[Any, ...]]) -> None:
        if self._written() != before:
            raise ApplicationError(
                f"{self.name} was written to while it was copied", hint="stop the application and try again"
            )

    def _copy_rows(self, connection: Any, table: str) -> None:
        columns = ask(connection, f"SHOW COLUMNS FROM {backquoted(table)}")
        stored = [row[0] for row in columns if "GENERATED" not in row[5].upper().replace("DEFAULT_GENERATED", "")]
        names = ", ".join(map(backquoted, stored))
        source = f"{backquoted(self.name)}.{backquoted(table)}"
        ask(connection, f"INSERT INTO {backquoted(table)} ({names}) SELECT {names} FROM {source}")
        connection.commit()

    def _publish(self, name: str) -> Made:
        with contextlib.closing(_connect({**self._parameters, "database": name})) as connection:
            ask(connection, f"UPDATE {MARK} SET state = 'made'")
            connection.commit()
        return Made(name=name, address=self._address(name))

    def _address(self, name: str) -> str:
        """Return the clone's URL with the password left out: it is the original's."""
        given = self._parameters
        user = quote(str(given.get("user", "")), safe="")
        at = f"{user}{':***' if given.get('password') else ''}@" if user else ""
        port = f":{given['port']}" if given.get("port") else ""
        socket = f"?unix_socket={quote(given['unix_socket'])}" if given.get("unix_socket") else ""
        return f"{self._scheme}://{at}{given.get('host') or 'localhost'}{port}/{quote(name)}{socket}"

    def _mark(self, database: str) -> tuple[str, str] | None:
        """Return of what a database is a clone, and its state; None when it is none."""
        from pymysql import err

        try:
            found = ask(self._connection, f"SELECT source, state FROM {backquoted(database)}.{MARK}")
        except err.Error:
            return None
        finally:
            self._connection.rollback()
        return (str(found[0][0]), str(found[0][1])) if found else ("", "half made")

    def _end(self, number: int, name: str) -> None:
        """End what another connection still does, and drop its half-made clone."""
        with contextlib.suppress(Exception):  # it has ended already
            ask(self._connection, f"KILL {number}")
        self._drop_marked(name)

    def _drop_marked(self, name: str) -> None:
        if self._mark(name) is not None:
            with contextlib.closing(_connect(self._parameters)) as connection:
                ask(connection, f"DROP DATABASE IF EXISTS {backquoted(name)}")

    def room(self, name: str = "") -> tuple[Path, int] | None:  # noqa: ARG002 - the interface's
        """Return the server's directory and the free bytes there, when it is on this machine."""
        ((directory,),) = ask(self._connection, "SELECT @@datadir")
        try:
            status = os.statvfs(directory)
        except OSError:
            return None
        return Path(directory), status.f_bavail * status.f_frsize

    def clones(self) -> tuple[str, ...]:
        """Return the clones of this database."""
        names = [row[0] for row in ask(self._connection, "SHOW DATABASES")]
        return tuple(name for name in names if (self._mark(name) or ("",))[0] == self.name)

    def drop(self, name: str) -> None:
        """Remove a clone; raises UsageError when nineam did not make it."""
        if self._mark(name) is None:
            raise no_clone(name, self.name, self.clones())
        self._drop_marked(name)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()


def _prefer(connection: Any, settings: Iterable[str]) -> None:
    """Change settings that not every server has, or lets everybody change."""
    from pymysql import err

    for setting in settings:
        with contextlib.suppress(err.Error):
            ask(connection, setting)


def _connect(parameters: Parameters) -> Any:
    try:
        import pymysql
    except ImportError:
        raise UsageError(
            "MySQL needs the driver PyMySQL, which is not installed", hint="pip install 'nineam[mysql]'"
        ) from None
    try:
        return pymysql.connect(**parameters, charset="utf8mb4", connect_timeout=CONNECT_S)
    except pymysql.err.Error as error:
        raise UsageError(
            f"cannot connect to MySQL, database {parameters['database']}: {words(error)}",
            hint="is the server running, and are name and password right?",
        ) from None
