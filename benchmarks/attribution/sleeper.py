"""`python -m benchmarks.attribution.sleeper`: an HTTP service and a Redis that take as long as they are asked to.

`GET /20`, of either, is answered after 20 ms, with the milliseconds that it took. Prints its port when it is up; ends
with its standard input.
"""

import asyncio
import sys
import time


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer what comes over one connection: Redis' commands begin with a star."""
    while first := await reader.readline():
        if first.startswith(b"*"):
            arguments = [await _argument(reader) for _ in range(int(first[1:]))]
            writer.write(await _command(arguments))
        else:
            await reader.readuntil(b"\r\n\r\n")
            body = await _slept(first.split()[1].strip(b"/"))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))


async def main() -> None:
    """Serve until the input ends."""
    server = await asyncio.start_server(_quietly, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def _argument(reader: asyncio.StreamReader) -> bytes:
    length = int((await reader.readline())[1:])
    return (await reader.readexactly(length + 2))[:-2]


async def _command(arguments: list[bytes]) -> bytes:
    if arguments[0].upper() == b"HELLO":
        return b"%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n"
    if arguments[0].upper() != b"GET":
        return b"+OK\r\n"
    body = await _slept(arguments[1])
    return b"$%d\r\n%s\r\n" % (len(body), body)


async def _slept(milliseconds: bytes) -> bytes:
    began = time.perf_counter_ns()
    await asyncio.sleep(float(milliseconds) / 1000)
    return b"%.3f" % ((time.perf_counter_ns() - began) / 1e6)


async def _quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await serve(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


if __name__ == "__main__":
    asyncio.run(main())
