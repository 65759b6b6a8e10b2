"""Bodies that are no well-formed JSON, or so large or so deep that reading them hurts. None is larger than 1 MB."""

import zlib
from collections.abc import Iterator

from nineam.model import Chunk
from nineam.model.payload import WITH_BODY
from nineam.payloads.aim import Aim
from nineam.payloads.kinds.kind import JSON, Headers, Wrong
from nineam.payloads.values import DIGITS

LARGE = 1_000_000
DEPTH = 50_000
BOMB = 10_000_000
FIELD = b'{"note": "'
FORM = (("content-type", "application/x-www-form-urlencoded"),)
MULTIPART = (("content-type", "multipart/form-data; boundary=nobody"),)


def wrongs(aim: Aim) -> Iterator[Wrong]:
    """Yield them."""
    if aim.method not in WITH_BODY:
        return
    ordinary = aim.body or b'{"name": "nobody"}'
    yield Wrong("empty body", "body", body=())
    yield _json("truncated JSON", ordinary[: len(ordinary) // 2])
    yield _json("JSON with something behind it", ordinary + b"}")
    yield _json("JSON that is not UTF-8", b'{"name": "\xff\xed\xa0\x80"}')
    yield _json("JSON in UTF-16", ordinary.decode("utf-8", "replace").encode("utf-16"))
    yield _json("JSON behind a byte order mark", b"\xef\xbb\xbf" + ordinary)
    yield _json("the same field twice in the JSON", b'{"id": 1, "id": [], "name": null, "name": {}}')
    yield _json("numbers that JSON does not know", b'{"id": NaN, "name": -Infinity}')
    yield _json("a number of 5,000 digits in the JSON", b'{"id": ', (b"9", DIGITS), b"}")
    yield _json("nothing but blanks", b" \n\t")
    yield _json("NUL", b"\x00")
    yield _json("deeply nested lists", (b"[", DEPTH), (b"]", DEPTH), may_close=True)
    yield _json("deeply nested objects", (b'{"a":', DEPTH), b"1", (b"}", DEPTH), may_close=True)
    yield _json("body of 1 MB", FIELD, (b"n", LARGE - 12), b'"}', may_close=True)
    yield _json("100,000 fields", b"{", (b'"a":1,', DEPTH * 2), b'"a":1}', may_close=True)
    yield _json("10 MB of zeros, compressed", _bomb(), headers=(*JSON, ("content-encoding", "gzip")), may_close=True)
    yield _json("1,000 fields in a form", (b"a=1&", 1_000), headers=FORM)
    yield _json("a form that is not UTF-8", b"a=%FF&%00=%ED%A0%80&=", headers=FORM)
    yield _json(
        "multipart without an end", b'--nobody\r\nContent-Disposition: form-data; name="a"\r\n\r\n', headers=MULTIPART
    )
    yield _json(
        "multipart without a name", b"--nobody\r\nContent-Disposition:\r\n\r\nx\r\n--nobody--\r\n", headers=MULTIPART
    )


def _json(what: str, *parts: bytes | tuple[bytes, int], headers: Headers = JSON, may_close: bool = False) -> Wrong:
    body = tuple(Chunk(*part) if isinstance(part, tuple) else Chunk(part) for part in parts)
    return Wrong(what, "body", headers=headers, body=body, may_close=may_close)


def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(bytes(BOMB)) + packer.flush()
