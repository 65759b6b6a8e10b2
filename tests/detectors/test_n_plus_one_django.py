"""What to do about an N+1 is said in the words of the ORM that made it."""

import pytest

from nineam.diagnose.detectors import n_plus_one

RELATIONS = ["Order.customer", "Order.payer"]


@pytest.mark.parametrize(
    ("relations", "statement", "words"),
    [
        (RELATIONS[:1], "SELECT 1", 'select_related("customer")'),
        (RELATIONS, "SELECT 1", 'prefetch_related("customer", "payer")'),
        ([], "SELECT COUNT(*) FROM t", "annotate(Count(...))"),
        ([], "SELECT 1", "in_bulk"),
    ],
)
def test_an_n_plus_one_of_django_is_mended_in_django_s_words(relations, statement, words):
    assert words in n_plus_one._fix_in_django(relations, statement)
