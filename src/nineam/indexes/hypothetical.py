"""PostgreSQL's hypopg: whether the planner would use an index, asked before it is built."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

SCHEMA = "nineam_hypopg"
AVAILABLE = "SELECT count(*) FROM pg_available_extensions WHERE name = 'hypopg'"
INSTALLED = (
    "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'hypopg'"
)


class Hypothetical:
    """Hypothetical indexes of one connection. The extension is there only while it is asked, in a transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._usable = bool(connection.execute(AVAILABLE).fetchone()[0])

    def would_use(self, create: str, plans: Callable[[], Iterable[frozenset[str]]]) -> bool | None:
        """Say whether one of the `plans`, by the indexes they use, takes the index that `create` would make.

        None where nobody can tell: without hypopg, without the right to add it, or of an index that it does not know.
        To be called in a transaction that is rolled back.
        """
        import psycopg

        if not self._usable:
            return None
        try:
            with self._extension() as schema:
                name = self._connection.execute(
                    f"SELECT indexname FROM {schema}.hypopg_create_index(%s)", (create,)
                ).fetchone()[0]
                return any(name in plan for plan in plans())
        except psycopg.errors.InsufficientPrivilege:
            self._usable = False
        except psycopg.Error:
            if self._connection.closed:
                raise
        return None

    @contextlib.contextmanager
    def _extension(self) -> Iterator[str]:
        """Give the schema of hypopg's functions. Hypothetical indexes outlive transactions, so they are taken back."""
        found = self._connection.execute(INSTALLED).fetchone()
        if found is None:
            self._connection.execute(f"CREATE SCHEMA {SCHEMA}")
            self._connection.execute(f"CREATE EXTENSION hypopg SCHEMA {SCHEMA}")
        schema = found[0] if found else SCHEMA
        self._connection.execute(f"SELECT {schema}.hypopg_reset()")
        try:
            yield schema
        finally:
            if self._connection.info.transaction_status.name == "INTRANS":
                self._connection.execute(f"SELECT {schema}.hypopg_reset()")
