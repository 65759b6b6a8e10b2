import asyncio
import io
import re

import pytest

from nineam.load import failures
from nineam.load.http import Client
from nineam.load.uploads import upload_of

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNK = re.compile(rb"\A([0-9a-f]+)\r\n")


async def pieces(*parts):
    for part in parts:
        await asyncio.sleep(0)
        yield part


async def read_chunks(reader):
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


async def read_body(reader, head):
    length = re.search(rb"content-length: (\d+)", head)
    if length:
        return await reader.readexactly(int(length[1]))
    return await read_chunks(reader) if b"transfer-encoding: chunked" in head else b""


def received(ask, *requests, answer=OK, early=False, **options):
    """The responses to these requests, and what the server got as (head, body); `early` answers before the body."""

    async def main():
        found, connections = [], []

        async def serve(reader, writer):
            connections.append(writer)
            try:
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    if early:
                        writer.write(answer)
                    found.append((head, b"" if early else await read_body(reader, head)))
                    if not early:
                        writer.write(answer)
            except (asyncio.IncompleteReadError, ConnectionError, ValueError):
                writer.close()

        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        client = Client(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        lane = client.lane()
        responses = [await ask(client, lane, "POST", **request) for request in requests]
        client.close()
        listener.close()
        return responses, found, len(connections)

    return asyncio.run(main())


@pytest.mark.parametrize(
    "make", [lambda: pieces(b"one", b"", b"two"), lambda: iter([b"one", b"two"]), lambda: ["one", "two"]]
)
def test_an_iterator_is_sent_in_chunks(ask, make):
    (response, after), found, connections = received(ask, {"data": make()}, {})
    (head, body), _ = found
    assert (response.status, body, after.status, connections) == (200, b"onetwo", 200, 1)
    assert b"\r\ntransfer-encoding: chunked\r\n" in head
    assert b"content-length" not in head
    assert response.bytes_sent == len(head) + len(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def test_an_iterator_whose_length_is_said_is_sent_as_it_is(ask):
    request = {"data": pieces(b"one", b"two"), "headers": {"Content-Length": "6", "Content-Type": "text/plain"}}
    (response,), ((head, body),), _ = received(ask, request)
    assert (response.status, body) == (200, b"onetwo")
    assert b"transfer-encoding" not in head
    assert b"\r\ncontent-type: text/plain\r\n" in head


def test_a_body_larger_than_any_buffer_arrives_whole(ask):
    (response,), ((_, body),), _ = received(ask, {"data": pieces(*[bytes([n]) * 100_000 for n in range(40)])})
    assert response.status == 200
    assert body == b"".join(bytes([n]) * 100_000 for n in range(40))
    assert response.sending_ns > 0


def test_a_path_and_an_open_file_are_sent_with_their_length_every_time(ask, tmp_path):
    path = tmp_path / "export.bin"
    path.write_bytes(b"x" * 200_000)
    with path.open("rb") as file:
        responses, found, _ = received(ask, {"data": path}, {"data": path}, {"data": file}, {"data": file})
    assert [response.status for response in responses] == [200] * 4
    assert [len(body) for _, body in found] == [200_000] * 4
    assert all(b"content-length: 200000\r\n" in head for head, _ in found)


def test_files_of_a_form_may_be_paths_and_open_files(ask, tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(b"PNG")
    with path.open("rb") as file:
        files = {"a": path, "b": file, "c": ("other.txt", io.BytesIO(b"text"), "text/plain"), "d": b"bytes"}
        (response,), ((_, body),), _ = received(ask, {"data": {"title": "me"}, "files": files})
    assert response.status == 200
    assert body.count(b'filename="photo.png"') == 2
    assert b'name="c"; filename="other.txt"\r\nContent-Type: text/plain\r\n\r\ntext\r\n' in body
    assert b'name="title"\r\n\r\nme\r\n' in body


@pytest.mark.parametrize(
    ("data", "message"),
    [(io.StringIO("text"), "open as binary"), (7, "int cannot be sent"), (object(), "object cannot be sent")],
)
def test_what_cannot_be_sent_is_named(data, message):
    with pytest.raises(TypeError, match=message):
        upload_of(data)


def test_a_file_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.bin"):
        upload_of(tmp_path / "nothing.bin")


async def failing():
    yield b"some"
    raise LookupError("no more rows")


async def of_numbers():
    yield 7


@pytest.mark.parametrize(
    ("data", "headers", "kind"),
    [
        (failing, {}, "LookupError"),
        (of_numbers, {}, "TypeError"),
        (lambda: pieces(b"abc"), {"Content-Length": "2"}, "UploadError"),
        (lambda: pieces(b"abc"), {"Content-Length": "9"}, "UploadError"),
    ],
)
def test_a_body_that_breaks_is_a_failure_of_its_own(ask, data, headers, kind):
    (response, after), _, _ = received(ask, {"data": data(), "headers": headers}, {})
    assert (response.status, response.error) == (0, f"{failures.BODY}: {kind}")
    assert after.status == 200


def test_a_journey_hears_of_its_own_mistake_in_an_iterator(with_user):
    @with_user()
    async def collector(server, user, collector):
        with pytest.raises(LookupError, match="no more rows"):
            await user.post("/", data=failing())
        return collector

    (endpoint,) = collector.take().endpoints
    assert endpoint.errors == {f"{failures.BODY}: LookupError": 1}


def test_an_answer_before_the_end_of_the_body_counts_and_ends_the_connection(ask):
    async def without_end():
        yield b"first"
        await asyncio.Event().wait()

    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    (first, second), _, connections = received(
        ask, {"data": without_end()}, {"data": without_end()}, answer=answer, early=True
    )
    assert (first.status, second.status, connections) == (413, 413, 2)


@pytest.mark.parametrize(("again", "expected"), [(True, [b"abc", b"abc"]), (False, [b"abc"])])
def test_a_redirect_repeats_a_body_only_if_it_is_still_there(with_user, tmp_path, again, expected):
    path = tmp_path / "body"
    path.write_bytes(b"abc")
    moved = b"HTTP/1.1 307 Moved\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"

    @with_user(moved, OK)
    async def found(server, user, collector):
        data = path if again else pieces(b"abc")
        headers = {} if again else {"Content-Length": "3"}
        return (await user.post("/", data=data, headers=headers)).status, server.bodies

    status, bodies = found
    assert bodies == expected
    assert status == (200 if again else 307)
