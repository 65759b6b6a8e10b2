"""Django's way to the rows, with a clock of its own at the driver's cursor."""

from typing import Any

from django.db import connection, connections, models
from django.db.models.expressions import RawSQL

from benchmarks.attribution import databases, ledger, plan
from benchmarks.attribution.django_settings import DATABASE
from benchmarks.attribution.synchronous import EXECUTING


class Few(models.Model):
    """A few rows that take their time to become objects."""

    text = models.CharField(max_length=40)

    class Meta:
        """The harness makes the table."""

        app_label = "attribution"
        managed = False
        db_table = databases.FEW

    @classmethod
    def from_db(cls, *args: Any) -> "Few":
        """Build an object, slowly."""
        with ledger.timed("hydration"):
            databases.spin(plan.HYDRATE_EACH)
            return super().from_db(*args)


ONE = Few.objects.filter(pk=1)


class TimedCursor:
    """Stands before a driver's cursor, whichever it is, and notes what executing and fetching take."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def execute(self, *args: Any) -> Any:
        """Execute."""
        with ledger.timed(EXECUTING[DATABASE]):
            return self._cursor.execute(*args)

    def _fetching(name: str) -> Any:  # noqa: N805 - makes the methods below
        def fetch(self: Any, *args: Any) -> Any:
            with ledger.timed("db_fetch"):
                return getattr(self._cursor, name)(*args)

        return fetch

    fetchone, fetchmany, fetchall = map(_fetching, ("fetchone", "fetchmany", "fetchall"))

    def __iter__(self) -> Any:
        return iter(self._cursor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def _timed(made: Any) -> Any:
    """Let a connection of Django's note what connecting and its cursors take."""
    connect, create_cursor = made.connect, made.create_cursor

    def connecting() -> None:
        made.create_cursor = create_cursor  # what Django asks while it connects is connecting
        with ledger.within("db_connect"):
            connect()
        if DATABASE == "sqlite":
            databases.teach(made.connection)
        made.create_cursor = lambda *args, **kwargs: TimedCursor(create_cursor(*args, **kwargs))

    made.connect = connecting
    return made


def _timed_connections() -> None:
    """Time connections to come, and those that are there since Django was made ready."""
    make = connections.create_connection
    connections.create_connection = lambda alias: _timed(make(alias))
    for made in connections.all(initialized_only=True):
        _timed(made)


_timed_connections()


def _timed_pool() -> None:
    """Note how long a connection of the pool is waited for; Django has one pool per process."""
    pool = connection.pool
    wait = pool.getconn

    def getconn(*args: Any, **kwargs: Any) -> Any:
        with ledger.timed("pool_wait"):
            return wait(*args, **kwargs)

    pool.getconn = getconn


if DATABASE == "postgres":
    _timed_pool()


def costly(how: str, milliseconds: float) -> models.Max:
    """Give an aggregate that costs so much when there is one row; nothing is built of its answer."""
    statement = databases.costly(DATABASE, how, milliseconds)
    return models.Max(RawSQL(f"({statement})", (), models.FloatField()))


class Orm:
    """Django's ORM."""

    own = "view+orm"

    def executes(self) -> None:
        """Run every costly statement."""
        for cost in plan.EXECUTES:
            ONE.aggregate(took=costly(*cost))

    def rows(self) -> None:
        """Fetch many rows, beneath the ORM: its own work with each of them is not known apart."""
        with connection.cursor() as cursor:
            cursor.execute(databases.MANY)
            cursor.fetchall()

    def objects(self) -> None:
        """Build a few objects."""
        list(Few.objects.all())
