"""Wrong paths. Only of requests that are safe: another path of the others may mean something."""

from collections.abc import Iterator

from nineam.payloads.aim import SAFE, Aim
from nineam.payloads.kinds.kind import Wrong
from nineam.payloads.values import IN_ADDRESSES


def wrongs(aim: Aim) -> Iterator[Wrong]:
    """Yield them."""
    if aim.method not in SAFE:
        return
    for index in aim.values:
        for value in IN_ADDRESSES:
            segments = (*aim.segments[:index], value.encoded, *aim.segments[index + 1 :])
            yield Wrong(f"{value.what} in the path", "path", segments=segments)
    yield Wrong("NUL behind the path", "path", segments=(*aim.segments[:-1], aim.segments[-1] + "%00"))
    yield Wrong("invalid UTF-8 behind the path", "path", segments=(*aim.segments[:-1], aim.segments[-1] + "%FF"))
    yield Wrong("way out of the folder", "path", segments=(*aim.segments, "..%2f..%2f..%2fetc%2fhostname"))
