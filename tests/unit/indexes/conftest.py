"""What the tests of proving indexes share: a schema, and clones to prove in."""

import pytest

from nineam.indexes.schema import ExistingIndex, Schema, Table
from nineam.model.indexes import IndexPart


def table(name, columns, *indexes, rows=100_000):
    """Make a table with the key `id`; indexes are names of columns, `-` before one turns it round."""
    given = [ExistingIndex(name="key", parts=(IndexPart(text="id"),), unique=True)]
    for number, index in enumerate(indexes):
        parts = tuple(IndexPart(text=each.lstrip("-"), descending=each[0] == "-") for each in index.split())
        given.append(ExistingIndex(name=f"own{number}", parts=parts))
    return Table(name=name, rows=rows, columns=dict.fromkeys(["id", *columns.split()], ""), indexes=tuple(given))


@pytest.fixture(name="table")
def _table():
    return table


@pytest.fixture
def shop():
    """Return a shop's schema."""
    return Schema(
        tables=(
            table("orders", "customer_id status created_at note total"),
            table("users", "email name"),
            table("items", "order_id product_id"),
        )
    )
