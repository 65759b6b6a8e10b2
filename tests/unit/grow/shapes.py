"""What a table looks like, for comparing a clone with its original; the statements are the same in both databases."""


def column_shape(ask, table, column):
    """The share of NULL, and the share of the commonest value."""
    rows = ask(f'SELECT count(*), count("{column}") FROM "{table}"')[0]
    top = ask(
        f'SELECT count(*) FROM "{table}" WHERE "{column}" IS NOT NULL GROUP BY "{column}" ORDER BY 1 DESC LIMIT 1'
    )
    return 1 - rows[1] / rows[0], (top[0][0] if top else 0) / rows[0]


def fan_out(ask, child, column, parent, key):
    """The quantiles 0, 0.1 ... 1 of how many children a parent has."""
    counts = sorted(
        count
        for (count,) in ask(
            f'SELECT count(c."{column}") FROM "{parent}" p LEFT JOIN "{child}" c ON c."{column}" = p."{key}" '
            f'GROUP BY p."{key}"'
        )
    )
    return [counts[min(step * len(counts) // 10, len(counts) - 1)] for step in range(11)]


def close(left, right, within=0.05):
    """Whether two numbers differ by 5 % or less."""
    return abs(left - right) <= within * max(abs(left), abs(right), 1e-12)
