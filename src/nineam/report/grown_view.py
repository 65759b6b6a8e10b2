"""What every report says of a run on grown clones: three columns, and how each endpoint grows."""

from dataclasses import dataclass

from nineam.model import Endpoint, Grown, Growth, RunDocument
from nineam.report import numbers
from nineam.report.clean import one_line

_MOST_NAMED = 4
SHAPES = {
    "constant": "constant",
    "log": "as the logarithm",
    "linear": "linear",
    "quadratic": "quadratic",
    "cannot-tell": "cannot tell",
}


@dataclass(frozen=True)
class GrownRow:
    """One endpoint: localhost, Monday, localhost and Monday with data; any may not have been measured."""

    name: str
    localhost: Endpoint | None
    monday: Endpoint | None
    alone: Endpoint | None
    data: Endpoint | None
    growth: Growth | None
    statements: tuple[Growth, ...]

    @property
    def words(self) -> str:
        """How it grows, in a few words, and how much fails under load with data."""
        words = growth_in_words(self.growth) if self.growth else numbers.UNKNOWN
        failed = self.data.failed_rate if self.data else 0.0
        return words + (f"; {numbers.percent(failed)} of Monday's requests with data fail" if failed else "")


def grown_rows(document: RunDocument) -> list[GrownRow]:
    """Every endpoint that was asked on a clone, those that grow most first."""
    grown = document.grown
    if grown is None:
        return []
    growth = {each.endpoint: each for each in grown.growth if not each.statement}
    names = dict.fromkeys((*growth, *grown.monday.endpoints, *grown.localhost.endpoints))
    return [
        GrownRow(
            name=name,
            localhost=document.localhost.endpoints.get(name),
            monday=document.monday.endpoints.get(name),
            alone=grown.localhost.endpoints.get(name),
            data=grown.monday.endpoints.get(name),
            growth=growth.get(name),
            statements=tuple(each for each in grown.growth if each.statement and each.endpoint == name),
        )
        for name in names
    ]


def growth_in_words(growth: Growth) -> str:
    """Spell how something grows, with the exponent and its interval."""
    words = _power(growth) if growth.shape == "power" else SHAPES[growth.shape]
    if growth.shape == "cannot-tell":
        return f"{words}: {one_line(growth.reason, 120)}" if growth.reason else words
    if growth.exponent is not None and growth.shape != "log":
        low, high = numbers.short(growth.low, 2), numbers.short(growth.high, 2)
        words += f", rows^{numbers.short(growth.exponent, 2)} ({low} to {high})"
    return words + (f", in {one_line(growth.layer, 40)}" if growth.layer else "")


def _power(growth: Growth) -> str:
    """Say between which words what reaches none of them lies."""
    above = [name for exact, name in ((2.0, "quadratic"), (1.0, "linear")) if (growth.low or 0.0) > exact]
    return f"more than {above[0]}" if above else "less than linear"


def statement_in_words(growth: Growth) -> str:
    """Spell what the data did to a statement: its share of the request, and how often it is executed."""
    first, last = growth.points[0], growth.points[-1]
    words = f"{numbers.milliseconds(first.ms)} -> {numbers.milliseconds(last.ms)} a request"
    before, after = first.executions or 0.0, last.executions or 0.0
    if after > 1.5 * before:
        words += f", executed {numbers.short(before, 2)} -> {numbers.short(after, 2)} times"
    return f"{words}: {one_line(growth.statement, 160)}"


def grown_sentence(grown: Grown) -> str:
    """Say how much larger the database was, and whether the application is proven to have used it."""
    larger = f" ({numbers.times(grown.after / grown.rows)})" if grown.rows else ""
    size = f"{numbers.count(grown.after)} rows instead of {numbers.count(grown.rows)}{larger}"
    proof = one_line(grown.proof, 300)
    led = f"led there by {one_line(grown.variable, 80)}"
    used = f"{'proven' if grown.proven else 'NOT PROVEN that it was used'}: {proof}"
    return "; ".join(part for part in (f"{size}, {led}", used, _stayed(grown)) if part)


def _stayed(grown: Grown) -> str:
    """Name tables that the clone has no more rows of."""
    names = [one_line(name, 60) for name, table in grown.tables.items() if table.after <= table.rows]
    more = ", ..." if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more} stayed as before" if names else ""
