"""Why an index that is there does not do what one that was proved does. Pure."""

from collections.abc import Collection, Sequence

from nineam.indexes.candidates import Parts
from nineam.indexes.query import Use
from nineam.indexes.schema import ExistingIndex


def related(uses: Sequence[Use], parts: Parts, taken: Collection[str] = ()) -> tuple[ExistingIndex, str] | None:
    """Return the existing index that looks as if it should do, and why it does not; None when there is none.

    A reason holds for all `uses` of the table. `taken` are the indexes that the planner took without the one that was
    proved. Keys look like nothing else.
    """
    others = [index for index in uses[0].table.indexes if index.parts and not (index.unique and len(index.parts) == 1)]
    first = sorted(others, key=lambda index: index.name not in taken)
    used = [index for index in first if index.name in taken]
    for why, indexes in ((_wrapped, first), (_other_shape, first), (_other_lead, first), (_read_anyway, used)):
        for index in indexes:
            reasons = {why(index, use, parts, index.name in taken) for use in uses}
            if len(reasons) == 1 and "" not in reasons:
                return index, reasons.pop()
    return None


def _wrapped(index: ExistingIndex, use: Use, parts: Parts, _: bool) -> str:
    """Say when the statement compares a function of the column that the index holds."""
    wrapped = {column: each for each in use.conditions if not each.part.plain for column in each.columns}
    lead = index.parts[0].text
    compared = lead in wrapped and not parts[0].plain and not index.partial
    return f"it holds {lead}, the statement compares {wrapped[lead].part.text}" if compared else ""


def _other_shape(index: ExistingIndex, use: Use, parts: Parts, taken: bool) -> str:
    """Say how an index differs that holds what the proved one begins with, or shares columns and was `taken`."""
    have, want = [each.text for each in index.parts], [each.text for each in parts]
    if want[0] not in have and not (taken and set(want) & set(have)):
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


def _other_lead(index: ExistingIndex, use: Use, parts: Parts, taken: bool) -> str:  # noqa: ARG001 - for every use
    """Say that an index holds what the proved one begins with further behind, which is true of any statement."""
    have, lead = [each.text for each in index.parts], parts[0].text
    return f"it begins with {have[0]}, not with {lead}" if lead in have[1:] and not index.partial else ""


def _read_anyway(index: ExistingIndex, use: Use, *_: object) -> str:
    """Say why an index that the planner took without a better one reads too much."""
    return _reads_too_much(index, use)


def _reads_too_much(index: ExistingIndex, use: Use) -> str:
    lead = index.parts[0].text
    if lead in _filtered(use):
        return f"by {lead} alone it finds more rows than are wanted"
    if lead in [each.text for each in use.order]:
        return f"it gives the order of {lead} alone; rows are read in it until enough of them fit"
    return f"it begins with {lead}, by which the statement does not filter"


def _filtered(use: Use) -> list[str]:
    return [each.part.text for each in use.conditions if each.kind in ("equal", "range", "join")]
