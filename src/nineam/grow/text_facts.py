"""What a column of texts holds, and so what copies may put into theirs: one judgement for every database."""

from collections.abc import Sequence
from typing import Any

from nineam.grow.schema import Facts
from nineam.grow.tags import ADDRESS_TAGS, TAGS, UUID_TAGS, first_free


def text_facts(row: Sequence[Any]) -> Facts | None:
    """Return the facts of a column; None when no text can be made that is not there yet.

    `row` is what a database said of all values that are not NULL: the longest in characters; whether all are UUIDs with
    dashes, and all of 32 hexadecimal digits; whether each of these differs without the number at its end; whether all
    are addresses; then for each of `TAGS` and `ADDRESS_TAGS` whether a value contains it, and twice (with dashes,
    without) for each of `UUID_TAGS` whether a value has it where the number goes.
    """
    longest, dashed, hexadecimal, dashed_free, hexadecimal_free, address, *used = row
    marked = used[len(TAGS) + len(ADDRESS_TAGS) :]
    if longest is None:
        return Facts()
    if dashed and dashed_free:
        return Facts(form="uuid", longest=longest, tag=first_free(UUID_TAGS, marked))
    if hexadecimal and hexadecimal_free:
        return Facts(form="hexadecimal", longest=longest, tag=first_free(UUID_TAGS, marked[len(UUID_TAGS) :]))
    plain, mail = first_free(TAGS, used), first_free(ADDRESS_TAGS, used[len(TAGS) :])
    if address and mail:
        return Facts(form="address", longest=longest, tag=mail)
    return Facts(form="plain", longest=longest, tag=plain) if plain else None
