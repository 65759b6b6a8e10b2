"""What nobody accounted for: requests that are wrong in one way each.

Every one goes where the ordinary request went, with its method. None of them says anything that could destroy:
addresses are only changed where the method is safe, bodies only to what is no valid order. No request is hidden in
another.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from nineam.load.outgoing import Outgoing
from nineam.load.profiles.draft import Draft

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
NUMBERS = (b"-1", b"0", b"9e999", b"9223372036854775808", b"340282366920938463463374607431768211456", b"NaN", b"1.5")
TEXTS = (b"O%27Brien%22%3B", b"%3Cb%3Ehello%3C%2Fb%3E", b"%7B%7B7%2A7%7D%7D", b"%25s%25n")
NOBODY = b'{"name": "nobody"}'
LARGE_HEADER = 8_000  # most servers refuse more than 8,190 in one line
LARGE_QUERY = 6_000
LARGE_BODY = 1_000_000
DEPTH = 50_000
ID = re.compile(rb"(?<=/)\d+(?=/|$)")

Change = Callable[[Draft], None]


class Kind(NamedTuple):
    """One way to be wrong. `also` are statuses from 500 on that are right; so is closing, when it `may_close`."""

    name: str
    change: Change
    methods: frozenset[str] = frozenset()
    only_ids: bool = False
    also: tuple[int, ...] = ()
    may_close: bool = False

    def suits(self, outgoing: Outgoing) -> bool:
        """Whether a request can be wrong in this way."""
        if outgoing.upload is not None or (self.methods and outgoing.method not in self.methods):
            return False
        return not self.only_ids or ID.search(outgoing.path.partition("?")[0].encode()) is not None


def _in_path(text: bytes) -> Change:
    def change(draft: Draft) -> None:
        draft.path += text

    return change


def _in_query(text: bytes) -> Change:
    def change(draft: Draft) -> None:
        draft.query = _filled(draft.query, text)

    return change


def _header(name: bytes, value: bytes) -> Change:
    return lambda draft: draft.put(name, value)


def _body(text: bytes) -> Change:
    def change(draft: Draft) -> None:
        draft.body = text
        draft.put(b"content-type", b"application/json")

    return change


def _number_in_path(draft: Draft) -> None:
    draft.path = ID.sub(draft.choice.choice(NUMBERS), draft.path)


def _number_in_query(draft: Draft) -> None:
    draft.query = _filled(draft.query, draft.choice.choice(NUMBERS))


def _text_in_query(draft: Draft) -> None:
    draft.query = _filled(draft.query, draft.choice.choice(TEXTS))


def _truncated(draft: Draft) -> None:
    whole = draft.body if draft.body[:1] in (b"{", b"[") and len(draft.body) > 2 else NOBODY
    _body(whole[: len(whole) // 2])(draft)


def _deep(draft: Draft) -> None:
    _body(b"[" * DEPTH + b"]" * DEPTH)(draft)


def _large(draft: Draft) -> None:
    _body(b'{"note": "' + b"n" * LARGE_BODY + b'"}')(draft)


def _twice(draft: Draft) -> None:
    draft.lines += [line for line in draft.lines if line[0] not in (b"host", b"content-length")]
    draft.add(b"cookie", b"nobody=1; nobody=2")


def _method(draft: Draft) -> None:
    draft.method = b"BREW"


def _older(draft: Draft) -> None:
    draft.version = b"HTTP/1.0"


def _broken_chunk(draft: Draft) -> None:
    draft.frame(b"transfer-encoding", b"chunked")
    draft.body = b"zz\r\n"


def _unknown_coding(draft: Draft) -> None:
    draft.frame(b"transfer-encoding", b"nineam")
    draft.body = b""
    draft.ends = True


def _length(value: bytes) -> Change:
    def change(draft: Draft) -> None:
        draft.frame(b"content-length", value)
        draft.body = b""

    return change


def _too_short(draft: Draft) -> None:
    draft.body = NOBODY
    draft.frame(b"content-length", b"%d" % (len(draft.body) // 2))


def _too_long(draft: Draft) -> None:
    draft.body = NOBODY
    draft.frame(b"content-length", b"%d" % (len(draft.body) + 1000))
    draft.ends = True


def _filled(query: bytes, text: bytes) -> bytes:
    """Put a text in place of each value; a query that is not there gets a value that many look for."""
    pairs = [pair.partition(b"=")[0] + b"=" + text for pair in query.split(b"&") if pair]
    return b"&".join(pairs) or b"page=" + text


KINDS: tuple[Kind, ...] = (
    Kind("NUL in the path", _in_path(b"%00"), SAFE),
    Kind("NUL in the query", _in_query(b"a%00b"), SAFE),
    Kind("lone surrogate in the path", _in_path(b"%ED%A0%80"), SAFE),
    Kind("lone surrogate in the query", _in_query(b"%ED%A0%80"), SAFE),
    Kind("overlong UTF-8 in the path", _in_path(b"%C1%A1"), SAFE),
    Kind("overlong UTF-8 in the query", _in_query(b"%C1%A1"), SAFE),
    Kind("broken percent escape", _in_query(b"%zz%"), SAFE),
    Kind("number out of range in the path", _number_in_path, SAFE, only_ids=True),
    Kind("number out of range in the query", _number_in_query, SAFE),
    Kind("quotes and markup in the query", _text_in_query, SAFE),
    Kind("query of 6 kB", _in_query(b"q" * LARGE_QUERY), SAFE),
    Kind("header of 8 kB", _header(b"x-note", b"n" * LARGE_HEADER)),
    Kind("header that is not ASCII", _header(b"x-note", b"\xff\xfe caf\xe9")),
    Kind("unacceptable accept", _header(b"accept", b"nonsense;;q=x,/")),
    Kind("duplicate headers", _twice),
    Kind("unknown method", _method, also=(501,)),
    Kind("HTTP/1.0", _older, also=(505,)),
    Kind("wrong content type", _header(b"content-type", b"application/x-nobody"), WITH_BODY),
    Kind("no content type", lambda draft: draft.drop(b"content-type"), WITH_BODY),
    Kind("truncated JSON", _truncated, WITH_BODY),
    Kind("deeply nested JSON", _deep, WITH_BODY, may_close=True),
    Kind("JSON of another shape", _body(b"[null, 1e999, -9223372036854775809]"), WITH_BODY),
    Kind("JSON that is not UTF-8", _body(b'{"name": "\xff\xed\xa0\x80"}'), WITH_BODY),
    Kind("body of 1 MB", _large, WITH_BODY, may_close=True),
    Kind("malformed chunk", _broken_chunk, WITH_BODY, also=(501,), may_close=True),
    Kind("unknown transfer coding", _unknown_coding, also=(501,), may_close=True),
    Kind("negative content-length", _length(b"-1"), may_close=True),
    Kind("content-length too small", _too_short, WITH_BODY, may_close=True),
    Kind("content-length too large", _too_long, WITH_BODY, may_close=True),
)
