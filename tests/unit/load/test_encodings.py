import gzip
import sys
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nineam.load import decoding
from nineam.load.decoding import DecodingError, Unpacker, decompress
from nineam.load.response import AnswerError

TEXT = b'{"name": "value"}' * 20


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT, mtime=0),
    "x-gzip": gzip.compress(TEXT[:50], mtime=0) + gzip.compress(TEXT[50:], mtime=0),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
}


def answer(body, encoding):
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (encoding, len(body)) + body


@pytest.mark.parametrize("encoding", [*PACKED, "BR"])
def test_a_body_is_decompressed(against, ask, encoding):
    @against(answer(PACKED[encoding.lower()], encoding.encode()))
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.content == TEXT


def test_a_body_may_be_packed_twice(against, ask):
    @against(answer(gzip.compress(brotli.compress(TEXT)), b"br, gzip"))
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.content == TEXT


def test_deflate_without_its_wrapper_is_understood():
    assert decompress(raw_deflate(TEXT), "deflate") == TEXT


@pytest.mark.parametrize(("encoding", "packed"), [*PACKED.items(), ("deflate", raw_deflate(TEXT))], ids=ascii)
@given(st.integers(1, 40))
def test_where_a_packed_body_is_cut_changes_nothing(encoding, packed, size):
    unpacker = Unpacker(encoding)
    pieces = [bytes(packed[at : at + size]) for at in range(0, len(packed), size)]
    assert b"".join(part for piece in pieces for part in unpacker.feed(piece)) == TEXT
    unpacker.end()


@pytest.mark.parametrize(("encoding", "packed"), [*PACKED.items(), ("deflate", raw_deflate(TEXT))], ids=ascii)
@pytest.mark.parametrize("left", [1, 5])
def test_what_is_cut_short_is_not_whole(encoding, packed, left):
    with pytest.raises(DecodingError, match=f"valid {encoding}"):
        decompress(packed[:-left], encoding)


@pytest.mark.parametrize("encoding", list(PACKED))
def test_nothing_at_all_is_whole(encoding):
    assert decompress(b"", encoding) == b""


def test_what_follows_the_last_member_does_not_matter():
    assert decompress(gzip.compress(TEXT) + b"\0" * 512, "gzip") == TEXT


def zeros(count, packer):
    return b"".join([*(packer.compress(b"\0" * 1_000_000) for _ in range(count)), packer.flush()])


@pytest.mark.parametrize(("encoding", "packed"), [
    ("gzip", zeros(70, zlib.compressobj(wbits=zlib.MAX_WBITS | 16))),
    ("deflate", zeros(70, zlib.compressobj())),
    ("deflate", zeros(70, zlib.compressobj(wbits=-zlib.MAX_WBITS))),
    ("br", brotli.compress(bytes(70_000_000), quality=1)),
    ("br, gzip", gzip.compress(brotli.compress(bytes(70_000_000), quality=1), mtime=0)),
])  # fmt: skip
def test_a_little_that_is_very_much_unpacked_is_given_up(against, ask, encoding, packed):
    assert len(packed) < 100_000
    assert max(len(part) for part in Unpacker(encoding).feed(packed)) <= 2 * decoding.PIECE

    @against(answer(packed, encoding.encode()))
    async def response(server, client, lane):
        return await ask(client, lane)

    with pytest.raises(AnswerError, match=r"^GET / answered 200 .* where at most 64 MB when unpacked was expected$"):
        _ = response.content


def test_a_body_is_not_unpacked_any_number_of_times():
    with pytest.raises(DecodingError, match="packed at most 5 times"):
        decompress(TEXT, "gzip, " * 6)


def test_without_its_library_an_encoding_is_unknown(monkeypatch):
    monkeypatch.setitem(sys.modules, "brotli", None)
    assert decompress(PACKED["br"], "br") == PACKED["br"]
    assert decompress(gzip.compress(PACKED["br"]), "br, gzip") == PACKED["br"]


def test_an_unknown_encoding_leaves_the_body_as_it_is():
    assert decompress(b"as it is", "zstd") == b"as it is"


@pytest.mark.parametrize("encoding", list(PACKED))
@pytest.mark.parametrize("damage", [lambda data: b"\x01\x02nonsense", lambda data: data[: len(data) // 3]])
def test_broken_compression_is_said_in_one_line(against, ask, encoding, damage):
    @against(answer(damage(PACKED[encoding]), encoding.encode()))
    async def response(server, client, lane):
        return await ask(client, lane)

    with pytest.raises(AnswerError, match=f"where valid {encoding} was expected"):
        _ = response.content


def test_what_can_be_decoded_is_what_is_asked_for(against, ask):
    @against()
    async def head(server, client, lane):
        await ask(client, lane)
        return server.heads[0]

    assert b"\r\naccept-encoding: gzip, deflate, br\r\n" in head


def test_a_head_is_not_overlooked_when_the_body_came_in_several_pieces(against, ask):
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    body = gzip.compress(bytes(range(256)) * 8)
    middle = len(body) // 2

    @against([head % len(body) + body[:middle], body[middle:]])
    async def response(server, client, lane):
        return await ask(client, lane)

    assert response.mentions() == (True, True)
    assert response.content == bytes(range(256)) * 8
