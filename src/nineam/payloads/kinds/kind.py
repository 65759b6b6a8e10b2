"""What a way to be wrong is made of."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from nineam.model import Chunk
from nineam.model.payload import Part
from nineam.payloads.aim import Aim

JSON = (("content-type", "application/json"),)
Headers = tuple[tuple[str, str], ...]


class Wrong(NamedTuple):
    """What is different from the ordinary request; None leaves that part as it is. `headers` replace and add."""

    what: str
    part: Part
    segments: tuple[str, ...] | None = None
    query: tuple[str, ...] | None = None
    headers: Headers = ()
    body: tuple[Chunk, ...] | None = None
    also: tuple[int, ...] = ()
    may_close: bool = False
    ends: bool = False
    method: str = ""


Kind = Callable[[Aim], Iterator[Wrong]]
"""Everything that can be wrong in one part of a request; nothing where it has no such part."""
