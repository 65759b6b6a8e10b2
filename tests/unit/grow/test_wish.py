"""What users write for how large a clone is to be."""

import pytest

from nineam.errors import UsageError
from nineam.grow.wish import parse_like, parse_rows


@pytest.mark.parametrize(
    ("text", "rows"), [("50000", 50_000), ("50k", 50_000), ("1M", 1_000_000), ("2.5m", 2_500_000), ("1_000", 1000)]
)
def test_numbers_of_rows(text, rows):
    assert parse_rows(text, "--rows") == rows


@pytest.mark.parametrize("text", ["", "0", "-1", "many", "1MM", "1e6", "999999b", "nan"])
def test_what_is_no_number_of_rows(text):
    with pytest.raises(UsageError, match="expected a number of rows"):
        parse_rows(text, "--rows")


def test_rows_by_table():
    assert parse_like("orders=1M, users=50k") == {"orders": 1_000_000, "users": 50_000}


@pytest.mark.parametrize(
    ("text", "says"), [("orders", "TABLE=ROWS"), ("=5", "TABLE=ROWS"), (" , ", "empty"), ("a=1,a=2", "twice")]
)
def test_what_is_no_rows_by_table(text, says):
    with pytest.raises(UsageError, match=says):
        parse_like(text)
