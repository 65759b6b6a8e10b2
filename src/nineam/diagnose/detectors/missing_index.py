"""A statement reads a table for want of an index, shown by building it.

## What it is

A statement filters, joins or orders by columns that no index begins with. The database reads the whole table, or all
that one condition leaves of it, and throws most of it away.

## Why it hurts

With twelve rows nobody can tell. What is read grows with the table while what is returned does not, and every user
pays for everybody's rows.

## How it is detected

Not from the run alone: `nineam index` repeats its statements in a clone of the database at the size of
production. Candidates come from what they filter, join and order by. An index is told when it was really built
there, the planner took it, and the statement was at least 1.5 times as fast (the lower end of the interval of
interleaved repeats) and 0.5 ms faster. Tables with fewer than 1,000 rows in the clone are left alone. What it costs
on Monday is the part of the statement's time in this run that the index saves. One index is one finding, at the
endpoint that loses most to it; the other endpoints and statements stand in its evidence.

## How to fix it

Add the index: the statement to execute is printed, and the line for the model where one was found. It costs room and
slows down writes, both of which were measured and stand beside it.
"""

from collections.abc import Iterator

from nineam.diagnose.picture import Picture
from nineam.diagnose.proved_indexes import proved
from nineam.model import Finding

CODE = "missing-index"
TITLE = "A table is read for want of an index"


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per index."""
    yield from proved(picture, CODE)
