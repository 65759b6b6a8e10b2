"""Wrong queries. Where nobody knows the names, one request has those that many look for, all with the same value."""

from collections.abc import Iterator

from nineam.payloads.aim import Aim
from nineam.payloads.kinds.kind import Wrong
from nineam.payloads.values import IN_ADDRESSES

OFTEN = (
    "id",
    "page",
    "limit",
    "offset",
    "size",
    "q",
    "search",
    "sort",
    "order",
    "filter",
    "date",
    "from",
    "to",
    "next",
)
LONGEST = 7_000
MANY = 1_000


def wrongs(aim: Aim) -> Iterator[Wrong]:
    """Yield them: each value in each place, then what is wrong with names."""
    for value in IN_ADDRESSES:
        for name, pieces in _filled(aim, value.encoded):
            yield Wrong(f"{value.what} in the query{name}", "query", query=pieces)
    for name, _ in aim.query:
        rest = tuple(f"{other}={value}" for other, value in aim.query if other != name)
        yield Wrong(f"{name} missing in the query", "query", query=rest)
        yield Wrong(f"{name} twice in the query", "query", query=(*_pieces(aim), f"{name}=nobody"))
        yield Wrong(f"{name} as a list in the query", "query", query=(*rest, f"{name}[]=1", f"{name}[a][b]=2"))
    yield Wrong("NUL as a name in the query", "query", query=(*_pieces(aim), "%00=1"))
    yield Wrong("invalid UTF-8 as a name in the query", "query", query=(*_pieces(aim), "%FF=1"))
    yield Wrong(
        "1,000 parameters in the query", "query", query=(*_pieces(aim), *(f"p{n}=1" for n in range(MANY)))[:MANY]
    )


def _filled(aim: Aim, text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not aim.query:
        names = OFTEN if len(text) * len(OFTEN) < LONGEST else OFTEN[:1]
        yield "", tuple(f"{name}={text}" for name in names)
    for name, _ in aim.query:
        yield f": {name}", tuple(f"{other}={text if other == name else value}" for other, value in aim.query)


def _pieces(aim: Aim) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in aim.query)
