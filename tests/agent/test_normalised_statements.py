"""What is kept of a statement: its shape without any value."""

import pytest

from nineam.agent.integrations.statements import normalise


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("SELECT a FROM t WHERE b IN (__[POSTCOMPILE_b_1])", "SELECT a FROM t WHERE b IN (?, ...)"),
        ("b IN (__[POSTCOMPILE_b_1~~~~REPL~~::VARCHAR[]~~]) AND c = %(c)s", "b IN (?, ...) AND c = %(c)s"),
        ("SELECT a FROM t LIMIT __[POSTCOMPILE_param_1]", "SELECT a FROM t LIMIT ?"),
        ("SELECT a FROM t WHERE b IN (1, 2) AND c = 'x'", "SELECT a FROM t WHERE b IN (?, ...) AND c = ?"),
    ],
)
def test_a_list_of_any_length_is_a_list(statement, kept):
    assert normalise(statement) == kept
    assert normalise(statement) == kept  # the second time out of what is remembered


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        ("SELECT a, count(*) FROM t WHERE b = 7 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20",
         "SELECT a, count(*) FROM t WHERE b = ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"),
        ('SELECT a FROM t ORDER BY "t"."x" DESC, 21 ASC', 'SELECT a FROM t ORDER BY "t"."x" DESC, 21 ASC'),
        ('SELECT a FROM t GROUP BY t.id, 3, LOWER("t"."name") ORDER BY LOWER("t"."name") ASC, 3',
         'SELECT a FROM t GROUP BY t.id, 3, LOWER("t"."name") ORDER BY LOWER("t"."name") ASC, 3'),
        ("SELECT a FROM t ORDER BY left(a, 7), a(7), 'x'", "SELECT a FROM t ORDER BY left(a, ?), a(?), ?"),
        ("SELECT 'all, order by 5, 6', 7 FROM t ORDER BY 8", "SELECT ?, ? FROM t ORDER BY 8"),
        ("SELECT a FROM t ORDER BY abs(a - 7), b = 'secret'", "SELECT a FROM t ORDER BY abs(a - ?), b = ?"),
        ("SELECT a FROM t WHERE b BETWEEN 1 AND 2", "SELECT a FROM t WHERE b BETWEEN ? AND ?"),
    ],
)  # fmt: skip
def test_positions_of_columns_are_no_values(statement, kept):
    assert normalise(statement) == kept
