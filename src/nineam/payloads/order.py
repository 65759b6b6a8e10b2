"""What the process that makes payloads from a document is told; one JSON object on its standard input."""

from typing import Any

from nineam.model import Record


class Order(Record, frozen=True, kw_only=True):
    """Make payloads from an OpenAPI document: of operations with one of `methods` (capital letters).

    `random` cases of either kind for each operation, besides the systematic ones; no more than `most` in all.
    """

    document: Any
    methods: tuple[str, ...]
    seed: int = 1
    random: int = 15
    most: int = 2_000
