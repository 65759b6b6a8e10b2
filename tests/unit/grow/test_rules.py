"""What can be read from checks as databases spell them."""

from decimal import Decimal

import pytest

from nineam.grow.rules import Rule, rule


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", Rule()),
        ("CHECK (c IN ('a', 'it''s'))", Rule(choices=("a", "it's"))),
        ('CHECK ("c" in (1, 2))', Rule(choices=("1", "2"))),
        (
            "CHECK (((c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
            Rule(choices=("a", "b")),
        ),
        ("CHECK ((c = ANY (ARRAY['x'::text, 'y'::text])))", Rule(choices=("x", "y"))),
        ("CHECK ((c >= 1) AND (c <= 6))", Rule(low=Decimal(1), high=Decimal(6))),
        ("CHECK ((c > (0)::numeric))", Rule(low=Decimal(1))),
        ("CHECK (`c` between 1 and 6)", Rule(low=Decimal(1), high=Decimal(6))),
        ("CONSTRAINT `t_chk_1` CHECK ((`c` in (_utf8mb4'a',_utf8mb4'b')))", Rule(choices=("a", "b"))),
        ("CONSTRAINT `t_chk_2` CHECK (((`c` >= 1) and (`c` < 7)))", Rule(low=Decimal(1), high=Decimal(6))),
        ("CHECK (((c)::integer >= 1901) AND (c <= 2155))", Rule(low=Decimal(1901), high=Decimal(2155))),
        ('CHECK ((JSON_VALID("c") OR "c" IS NULL))', Rule(json=True)),
        ("CHECK (abc IN ('a')), CHECK (c_d > 5), CHECK (x.c > 3)", Rule()),
        ("CHECK (c NOT IN ('a'))", Rule()),
    ],
)
def test_a_rule_is_read(sql, expected):
    assert rule(sql, "c") == expected
