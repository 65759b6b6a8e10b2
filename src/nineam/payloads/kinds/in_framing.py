"""Wrong ends: requests that lie about their length.

Where there is no whole request, any answer will do, and so does closing: what counts is that there is an end.
"""

from collections.abc import Iterator

from nineam.model import Chunk
from nineam.model.payload import WITH_BODY
from nineam.payloads.aim import Aim
from nineam.payloads.kinds.kind import JSON, Wrong

ALSO = (500, 501, 502, 503)
SMALL = b'{"name": "nobody"}'
CHUNKED = (*JSON, ("transfer-encoding", "chunked"))


def wrongs(aim: Aim) -> Iterator[Wrong]:
    """Yield them."""
    yield _length("negative content-length", "-1")
    yield _length("content-length that is no number", "1e3")
    if aim.method not in WITH_BODY:
        return
    yield _chunked("chunk of no size", b"zz\r\nnobody\r\n0\r\n\r\n")
    yield _chunked("chunk of a negative size", b"-5\r\nnobody\r\n0\r\n\r\n")
    yield _chunked("chunk larger than a machine", b"ffffffffffffffff\r\nnobody\r\n", ends=True)
    yield _chunked("chunks without an end", b'5\r\n{"a":\r\n', ends=True)
    yield Wrong(
        "content-length too large",
        "framing",
        headers=(*JSON, ("content-length", str(len(SMALL) + 1000))),
        body=(Chunk(SMALL),),
        also=ALSO,
        may_close=True,
        ends=True,
    )


def _length(what: str, value: str) -> Wrong:
    return Wrong(what, "framing", headers=(("content-length", value),), also=ALSO, may_close=True)


def _chunked(what: str, text: bytes, *, ends: bool = False) -> Wrong:
    return Wrong(what, "framing", headers=CHUNKED, body=(Chunk(text),), also=ALSO, may_close=True, ends=ends)
