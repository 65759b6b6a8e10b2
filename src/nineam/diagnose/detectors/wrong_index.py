"""There is an index, and the statement cannot use it well.

## What it is

An index holds the column, but not as the statement needs it: its columns stand in another order, it begins with one
that is not asked for, it gives the order only, or the statement compares a function of the column.

## Why it hurts

It costs room and slows down every write, and readers do not have the good of it: the table is read as if it
were not there, or in its order until enough rows fit, which goes well or badly with the values.

## How it is detected

As `missing-index`, by `nineam index` in a clone: another index was built and made the statement at least 1.5 times
as fast, and there is one already that holds the column which it begins with, or that the planner took without it;
no key of one column. The evidence says why that one does not do, which holds for every statement that the index is for.

## How to fix it

Add the index that was proved; the old one may be dropped when nobody else needs it. Or change the statement so that it
compares the bare column.
"""

from collections.abc import Iterator

from nineam.diagnose.picture import Picture
from nineam.diagnose.proved_indexes import proved
from nineam.model import Finding

CODE = "wrong-index"
TITLE = "There is an index that the statement cannot use"


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per index."""
    yield from proved(picture, CODE)
