"""What stands between a text and the number of its copy: the first that no original contains, so copies never clash."""

from collections.abc import Sequence
from typing import Any

TAGS = ("-", "-n", "~", ".copy", "-nineam-")
ADDRESS_TAGS = ("+", "+n", ".n", "-nineam-")
"""Before the @ of an address."""
UUID_TAGS = ("00000", "fffff", "0f0f0", "f0f0f")
"""Before the number of an UUID's copy, as the first of its last twelve digits."""


def first_free(tags: Sequence[str], used: Sequence[Any]) -> str:
    """Return the first tag that is not marked as used, an empty string when all of them are."""
    return next((tag for tag, mark in zip(tags, used, strict=False) if not mark), "")
