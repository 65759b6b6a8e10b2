"""Why an index that is there does not do what one that was proved does. Pure."""

from collections.abc import Iterable

from nineam.indexes.candidates import Parts
from nineam.indexes.query import Use
from nineam.indexes.schema import ExistingIndex


def related(use: Use, parts: Parts, taken: Iterable[str] = ()) -> tuple[ExistingIndex, str] | None:
    """Return the existing index that looks as if it should do, and why it does not; None when there is none.

    `taken` are the indexes that the planner took without the one that was proved. Keys look like nothing else.
    """
    others = [index for index in use.table.indexes if index.parts and not (index.unique and len(index.parts) == 1)]
    first = sorted(others, key=lambda index: index.name not in set(taken))
    for why in (_wrapped, _other_shape):
        for index in first:
            reason = why(index, use, parts)
            if reason:
                return index, reason
    used = next((index for index in first if index.name in set(taken)), None)
    return (used, _reads_too_much(used, use)) if used else None


def _wrapped(index: ExistingIndex, use: Use, parts: Parts) -> str:
    """Say when the statement compares a function of the column that the index holds."""
    wrapped = {column: each for each in use.conditions if not each.part.plain for column in each.columns}
    lead = index.parts[0].text
    compared = lead in wrapped and not parts[0].plain and not index.partial
    return f"it holds {lead}, the statement compares {wrapped[lead].part.text}" if compared else ""


def _other_shape(index: ExistingIndex, use: Use, parts: Parts) -> str:
    """Say how an index that shares columns differs."""
    have, want = [each.text for each in index.parts], [each.text for each in parts]
    if not set(want) & set(have):
        return ""
    if index.partial:
        return "it holds only some of the rows"
    if have[0] not in _filtered(use):
        return _reads_too_much(index, use)
    if sorted(have) == sorted(want):
        return "its columns stand in another order, or run in another direction"
    if want[0] != have[0]:
        return f"it begins with {have[0]}, not with {want[0]}"
    return f"it ends before {next((each for each in want if each not in have), want[-1])}"


def _reads_too_much(index: ExistingIndex, use: Use) -> str:
    lead = index.parts[0].text
    if lead in _filtered(use):
        return f"by {lead} alone it finds more rows than are wanted"
    if lead in [each.text for each in use.order]:
        return f"it gives the order of {lead} alone; rows are read in it until enough of them fit"
    return f"it begins with {lead}, by which the statement does not filter"


def _filtered(use: Use) -> list[str]:
    return [each.part.text for each in use.conditions if each.kind in ("equal", "range", "join")]
