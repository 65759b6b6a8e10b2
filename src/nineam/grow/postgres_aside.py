"""What is put aside in a PostgreSQL clone while rows are added: references, triggers, keys, indexes."""

from collections.abc import Iterable
from typing import Any

from nineam.grow.dialect import quoted
from nineam.grow.postgres_catalog import ask
from nineam.grow.postgres_schema import place
from nineam.grow.schema import Table

ENABLED = {"O": "ENABLE TRIGGER", "R": "ENABLE REPLICA TRIGGER", "A": "ENABLE ALWAYS TRIGGER"}


class Aside:
    """Takes things down and knows the statements that bring them back, in their order."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._keys: list[str] = []
        self._indexes: list[str] = []
        self._references: list[str] = []
        self._triggers: list[str] = []

    def references_and_triggers(self, tables: Iterable[Table]) -> None:
        """Take down what refers to or from these tables, and their triggers; raises psycopg.Error."""
        named = {"tables": self._spelt(tables)}
        for table, name, definition in ask(self._connection, "foreign_constraints", named):
            self._connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}")
            self._references.append(f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {definition}")
        for table, name, enabled in ask(self._connection, "triggers", named):
            self._connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {quoted(name)}")
            self._triggers.append(f"ALTER TABLE {table} {ENABLED[enabled]} {quoted(name)}")

    def keys_and_indexes(self, tables: Iterable[Table]) -> None:
        """Take down keys and indexes; one that something else depends on stays. Raises psycopg.Error."""
        named = {"tables": self._spelt(tables)}
        for table, name, definition in ask(self._connection, "key_constraints", named):
            if self._dropped(f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}"):
                self._keys.append(f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {definition}")
        for index, definition in ask(self._connection, "indexes", named):
            if self._dropped(f"DROP INDEX {index}"):
                self._indexes.append(definition)

    def back(self) -> tuple[str, ...]:
        """Return the statements that bring everything back; references are validated by theirs."""
        return (*self._keys, *self._indexes, *self._references, *self._triggers)

    def _dropped(self, statement: str) -> bool:
        import psycopg

        try:
            with self._connection.transaction():
                self._connection.execute(statement)
        except psycopg.errors.DependentObjectsStillExist:
            return False
        return True

    def _spelt(self, tables: Iterable[Table]) -> list[str]:
        """Spell tables as the server does."""
        places = [place(table) for table in tables]
        rows = self._connection.execute("SELECT p::regclass::text FROM unnest(%s::text[]) p", (places,))
        return [name for (name,) in rows.fetchall()]
