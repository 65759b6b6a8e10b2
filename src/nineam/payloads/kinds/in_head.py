"""Wrong headers. No value ends its line: no request is hidden in another."""

from collections.abc import Iterator

from nineam.model.payload import WITH_BODY
from nineam.payloads.aim import Aim
from nineam.payloads.kinds.kind import Wrong

HEADERS: tuple[tuple[str, str, str], ...] = (
    ("header of 8 kB", "x-note", "n" * 8_000),  # most servers refuse more than 8,190 in one line
    ("header that is not ASCII", "x-note", "\xff\xfe caf\xe9"),
    ("NUL in a header", "x-note", "a\x00b"),
    ("nonsense in Accept", "accept", "nonsense;;q=x,/"),
    ("nonsense in Accept-Language", "accept-language", "x-\xe9;q=NaN,,;"),
    ("nonsense in Accept-Encoding", "accept-encoding", "nonsense;q=-1, *;q=0"),
    ("nonsense in Range", "range", "bytes=9223372036854775808-1,-"),
    ("nonsense in If-Modified-Since", "if-modified-since", "Mon, 99 Nob 99999 99:99:99"),
    ("nonsense in If-None-Match", "if-none-match", 'W/"'),
    ("cookie that is none", "cookie", '=;;\xff="\\'),
    ("session that is none", "cookie", "session=.nonsense; sessionid=%00; csrftoken=x"),
    ("login that is none", "authorization", "Bearer \xff\xfe"),
    ("login that is no base64", "authorization", "Basic !!!"),
    ("login without a colon", "authorization", "Basic bm9ib2R5"),
    ("token that is no JSON", "authorization", "Bearer e30.bm9ib2R5.AAAA"),
    ("login without a value", "authorization", "Bearer"),
    ("host that is none", "x-forwarded-host", "nobody:99999999"),
    ("sender that is none", "x-forwarded-for", "999.999.999.999, ::g"),
    ("scheme that is none", "x-forwarded-proto", "nonsense"),
    ("unknown method to act as", "x-http-method-override", "BREW"),
    ("origin that is none", "origin", "null://\xff"),
)
OF_BODIES: tuple[tuple[str, str, str], ...] = (
    ("wrong content type", "content-type", "application/x-nobody"),
    ("content type that is none", "content-type", ";;=/"),
    ("unknown charset", "content-type", "application/json; charset=nonsense"),
    ("charset of another width", "content-type", "application/json; charset=utf-32"),
    ("JSON said to be a form", "content-type", "application/x-www-form-urlencoded"),
    ("multipart without a boundary", "content-type", "multipart/form-data"),
    ("JSON said to be multipart", "content-type", "multipart/form-data; boundary=nobody"),
    ("JSON said to be compressed", "content-encoding", "gzip"),
)


def wrongs(aim: Aim) -> Iterator[Wrong]:
    """Yield them."""
    table = HEADERS + (OF_BODIES if aim.method in WITH_BODY else ())
    for what, name, value in table:
        yield Wrong(what, "head", headers=((name, value),))
    yield Wrong("unknown method", "head", method="BREW", also=(501,))
