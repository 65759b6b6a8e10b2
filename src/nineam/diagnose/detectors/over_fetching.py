"""Far more is read from the database than the answer can contain.

## What it is

An endpoint fetches every row to count them, to sum them up or to keep ten of them (`len(orders)`, a filter in Python).
Or it fetches a page of rows with all their columns, a long text among them, and shows their titles.

## Why it hurts

Each row is read, sent, decoded and made an object, and then thrown away. Rows grow with the data while the answer does
not: with twelve rows nobody can tell. Wide columns fill the database's memory and the network's with what nobody reads.

## How it is detected

Rows are counted where they are fetched, per statement and line, and put beside the bytes of the answer, with one polite
user. It fires when a statement brings 200 rows a request or more, the whole answer has less than 2.5 bytes for each of
them, and fetching them and building objects of them takes at least 5 ms and a tenth of the endpoint's time. Of the rows
of a statement a few are looked at now and then: how long the values of each column are (never what they are). It also
fires when 100 kB or more are fetched a request, ten times what is answered, and that takes 5 ms or a tenth of the time.
A compressed answer is taken for ten times as large. Rows that are iterated over without being fetched (`for row in
cursor`) cannot be counted. Answers without content (redirects, 304), requests that change something and statements that
a minority of requests executes do not fire.

With `--grown` it also fires when only the largest clone of the database brings that many, and says how many it was
before: rows that grow while the answer does not are the strongest evidence there is.

It says nothing of what others say better: a statement that a request executes five times or more (`n-plus-one`,
`duplicate-query`), and answers of 300 kB (`large-payload`). Where fetching is most of what a statement takes,
`slow-query` does not say the same of it: fewer rows are what helps, not another plan. Where building objects is most of
the endpoint's time, `orm-hydration` holds as well and is told after it: its cost is a part of this one's.

## How to fix it

Let the database do it: `.count()`, `.exists()`, `SUM` and `GROUP BY`, `WHERE` and `LIMIT`. Fetch the columns that are
shown: `load_only` or `defer` in SQLAlchemy, `.only()` or `.defer()` in Django, names instead of `*`.
"""

from collections.abc import Iterator
from typing import Any

from nineam.diagnose.detectors.n_plus_one import DJANGO
from nineam.diagnose.fetched import Excess, excess, fetching_ms
from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding

CODE = "over-fetching"
TITLE = "More is read than the answer can contain"
ALCHEMY = "sqlalchemy.orm.loading"
"""The hook of an application whose objects are built by SQLAlchemy."""
ONE_VALUE = 400.0
"""Bytes of an answer, its head included, that has room for a number or a yes."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and statement."""
    for endpoint in picture.seen(picture.localhost):
        for seen in excess(picture, picture.localhost, endpoint):
            yield _finding(picture, endpoint, seen)


def _finding(picture: Picture, endpoint: str, seen: Excess) -> Finding:
    phase = picture.telling(endpoint)
    return found(
        picture,
        phase,
        endpoint,
        fetching_ms(picture, phase, seen.query) or seen.ms,
        code=CODE,
        title=title(seen),
        site=seen.query.site or picture.source("endpoint", endpoint),
        statement=seen.query.statement,
        evidence=evidence(seen),
        fix=fix(picture, seen),
        confidence=0.85 if seen.too_many else 0.8,
    )


def title(seen: Excess) -> str:
    """Say what is read and how little of it is answered."""
    answered = f"an answer of {size(seen.answer)}"
    if seen.too_many:
        return f"{seen.rows:,.0f} rows are fetched for {answered}"
    most = next(iter(seen.widest), None)
    of_it = f", {most.share:.0%} of it {most.name}" if most and most.share >= 0.5 else ""
    return f"{size(seen.bytes)} are fetched for {answered}{of_it}"


def evidence(seen: Excess) -> dict[str, Any]:
    """Give the numbers behind it, per request with one polite user."""
    facts: dict[str, Any] = {
        "rows_fetched": round(seen.rows, 1),
        "answer_bytes": round(seen.answer),
        "fetching_ms": round(seen.ms, 1),
    }
    if seen.bytes:
        facts["kilobytes_fetched"] = round(seen.bytes / 1000, 1)
    if seen.bytes and not seen.too_many:
        facts["widest"] = [f"{column.name} {column.share:.0%}" for column in seen.widest]
    return facts


def fix(picture: Picture, seen: Excess) -> str:
    """Say what to fetch instead, in the words of what wrote the statement."""
    django, alchemy = DJANGO in picture.run.hooks, ALCHEMY in picture.run.hooks
    if seen.too_many and seen.answer < ONE_VALUE:
        if django:
            return "let the database count or add up: `.count()`, `.exists()`, `.aggregate(Sum(...))`, not `len()`"
        return "let the database count or add up (`SELECT count(*)`, `SUM`, `EXISTS`), not the application (`len()`)"
    if seen.too_many:
        return "filter, sort and limit in the statement (`WHERE`, `LIMIT`), or aggregate there (`GROUP BY`)"
    names = [column.name.rpartition(".")[2] for column in seen.widest]
    if django and names:
        return f"leave out what is not shown: `.defer({', '.join(map(repr, names))})`, or name what is: `.only(...)`"
    if alchemy and names:
        return f"load the columns that are shown (`load_only(...)`), without {', '.join(names)} (`defer(...)`)"
    return "name the columns that are shown instead of fetching all of them" + _without(names)


def _without(names: list[str]) -> str:
    return f", without {', '.join(names)}" if names else ""


def size(count: float) -> str:
    """Spell a number of bytes."""
    if count < 1000:
        return f"{count:.0f} bytes"
    return f"{count / 1000:,.0f} kB" if count >= 10_000 else f"{count / 1000:.1f} kB"
