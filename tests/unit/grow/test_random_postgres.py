"""Random schemas on PostgreSQL: whatever grows validates, is like its original, and leaves the original as it was."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from test_random_schemas import FILLING, tables

from nineam.errors import UsageError

pytestmark = pytest.mark.postgres
TYPES = {"DATE": "date", "REAL": "double precision", "BOOLEAN": "smallint"}
COUNTED = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables ORDER BY 1"


def translated(statement):
    """Return a statement in PostgreSQL's words, references left out, and the references for later."""
    text = statement if isinstance(statement, str) else statement[0]
    for theirs, ours in TYPES.items():
        text = text.replace(theirs, ours)
    return text.replace("INSERT OR IGNORE", "INSERT").replace("?", "%s")


def build(connection, statements):
    """Build as much of a schema as PostgreSQL takes; what it does not take is no matter here."""
    import psycopg

    with connection.cursor() as cursor:
        for statement in statements:
            parameters = None if isinstance(statement, str) else statement[1]
            with contextlib.suppress(psycopg.Error):
                cursor.execute(translated(statement), parameters)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables())
def test_a_random_schema_grows_and_every_constraint_holds(
    postgres_server, grown, tmp_path_factory, new_database, statements
):
    import psycopg

    with new_database(postgres_server) as database:
        with psycopg.connect(database.address, autocommit=True) as connection:
            build(connection, statements)
        before = database.ask(COUNTED)
        try:
            big = grown(database.address, tmp_path_factory.mktemp("out"), times=7, filling=FILLING, check=True)
        except UsageError as error:
            assert "no table of this database can grow" in error.message  # noqa: PT017 - most schemas do grow
            return
        assert big.likeness.different == ()
        assert database.ask(COUNTED) == before
        assert database.ask("SELECT count(*) FROM pg_constraint WHERE NOT convalidated", big) == [(0,)]
        for name, plan in big.plan.tables.items():
            assert database.ask(f"SELECT count(*) FROM {name}", big) == [(plan.after,)]
            assert plan.factor == 7 or plan.why
