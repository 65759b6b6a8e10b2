"""Which tables nobody expects to grow: what frameworks keep for themselves, lists of names, single rows."""

from nineam.grow.schema import Facts, Schema, Table

FRAMEWORKS = {
    "django_content_type": "Django's",
    "django_migrations": "Django's",
    "django_site": "Django's",
    "auth_permission": "Django's",
    "alembic_version": "Alembic's",
    "schema_migrations": "of migrations",
    "ar_internal_metadata": "Rails'",
    "flyway_schema_history": "Flyway's",
    "spatial_ref_sys": "PostGIS'",
    "sqlite_sequence": "SQLite's",
}
FEW_ROWS, FEW_COLUMNS = 200, 2


def unchanging(schema: Schema, table: Table) -> str:
    """Say why a table stays as it is unless the user names it, or return an empty string."""
    if table.relation in FRAMEWORKS:
        return f"{FRAMEWORKS[table.relation]} own"
    referred = any(
        key.parent == table.name and other.name != table.name
        for other in schema.tables.values()
        for key in other.foreign_keys
    )
    if table.rows == 1 and not referred and not table.foreign_keys:
        return "a single row that nothing refers to"
    if referred and _is_a_list_of_names(table, schema.facts.get(table.name, {})):
        return "a short list of names that others refer to"
    return ""


def _is_a_list_of_names(table: Table, facts: dict[str, Facts]) -> bool:
    """Whether rows are a key and a unique name, few, and refer to nothing: countries, roles.

    People are few in development too, but have more to them than a name; and nobody's name is an address.
    """
    names = [unique.columns[0] for unique in table.uniques if len(unique.columns) == 1]
    words = [name for name in names if table.column(name).kind in ("text", "other")]
    addressed = any(name in facts and facts[name].form == "address" for name in words)
    few = table.rows < FEW_ROWS and len(table.columns) <= FEW_COLUMNS
    return bool(words) and few and not addressed and not table.foreign_keys
