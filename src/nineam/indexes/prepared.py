"""Statements made ready to be repeated: read, with sets of values drawn from the clone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nineam.indexes.database import Database, Refused, TooLong
from nineam.indexes.query import Query, Unreadable
from nineam.indexes.reading import read_query
from nineam.indexes.schema import Schema
from nineam.indexes.values import MEMBERS, PAGE, NoValues, Sampled, drawn
from nineam.model.indexes import NotTried
from nineam.model.record import Record


class Asked(Record, frozen=True, kw_only=True):
    """A statement of a run as it was kept, without its values, and how often the run executed it."""

    text: str
    executions: int = 1


@dataclass(frozen=True)
class Prepared:
    """A statement that can be repeated: `sets` are texts for the driver with their values.

    `distinct` counts the different values of compared expressions in a sample, by use.
    """

    asked: Asked
    query: Query
    sets: tuple[tuple[str, tuple[Any, ...]], ...]
    distinct: dict[int, dict[str, int]] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be assumed, as the run keeps no values; and of what writes, that nothing of it stayed."""
        kinds = {place.kind for place in self.query.places}
        assumed = [f"LIMIT taken as {PAGE}"] if "limit" in kinds else []
        assumed += [f"lists taken as {MEMBERS} long"] if kinds & {"list", "array"} else []
        assumed += ["a pattern taken to begin with %"] if "pattern" in kinds else []
        return (*assumed, *(["taken back each time, so without its commit"] if self.query.writes else []))


def prepare(
    asked: Iterable[Asked], schema: Schema, database: Database, seed: int
) -> tuple[list[Prepared], list[NotTried]]:
    """Make statements ready; those that cannot be come with the reason. What reads no table is left out."""
    ready, left = [], []
    for each in asked:
        try:
            query = read_query(each.text, schema, database.kind)
            if query is not None:
                ready.append(_prepared(each, query, database, seed))
        except (Unreadable, NoValues, Refused) as reason:
            left.append(NotTried(statement=each.text, why=str(reason)))
        except TooLong:
            left.append(NotTried(statement=each.text, why="looking for values took too long"))
    return ready, left


def _prepared(asked: Asked, query: Query, database: Database, seed: int) -> Prepared:
    samples = {}
    for use, table in enumerate(each.table for each in query.uses):
        wanted = dict.fromkeys(place.expression for place in query.places if place.use == use)
        if wanted:
            rows = database.sample(table, tuple(wanted), seed)
            samples[use] = Sampled(expressions=tuple(wanted), rows=rows)
    sets = tuple(_written(query, values, database.marker) for values in drawn(query, samples, seed))
    for sql, values in sets[:1]:
        database.plan(sql, values)  # what the database does not understand is refused here
    return Prepared(asked, query, sets, {use: _distinct(sample) for use, sample in samples.items()})


def _distinct(sample: Sampled) -> dict[str, int]:
    return {text.strip('"`'): len({str(row[at]) for row in sample.rows}) for at, text in enumerate(sample.expressions)}


def _written(query: Query, values: dict[int, Any], marker: str) -> tuple[str, tuple[Any, ...]]:
    lists = {number: len(value) for number, value in values.items() if query.holed.holes[number].many}
    written = {place.hole: str(place.number) for place in query.places if place.kind == "ordinal"}
    given = [(number, value) for number, value in values.items() if number not in written]
    flat = [each for number, value in given for each in (value if number in lists else [value])]
    return query.holed.executable(marker, lists, written), tuple(flat)
