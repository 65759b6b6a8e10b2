"""An application that prints its traceback late: each failure keeps its own."""

import asyncio
import time

from nineam.model import Payload
from nineam.payloads.asking import Answer, Target
from nineam.payloads.found import Found
from nineam.payloads.printed import Printed
from nineam.payloads.replay import Clock, examine
from nineam.payloads.suspects import Suspect

STALL_S = 0.5
WORDS = ("Overflow", "Key", "Value", "Type")


class Slow:
    """Answers one at a time and prints the traceback after the answer; one of them comes late, and all after a while.

    It is the application and what is known of it in one.
    """

    def __init__(self, log, late):
        self.log, self.late, self.asked = log, late, 0
        self.printed = Printed(log, str(log.parent))
        self.turn = asyncio.Lock()

    async def serve(self, reader, writer):
        async with self.turn:  # the next request is not read before this one's traceback is printed
            line = (await reader.readuntil(b"\r\n\r\n")).decode()
            writer.write(b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            await writer.drain()
            writer.close()
            self.asked += 1
            await asyncio.sleep(STALL_S if self.asked in self.late else 0.002)
            number = line.split()[1].removeprefix("/")
            self.print(int(number) if number else 0)

    def print(self, number):
        file = self.log.parent / "app.py"
        with self.log.open("a") as log:
            log.write("Traceback (most recent call last):\n")
            log.write(f'  File "{file}", line {number + 1}, in view\n    {WORDS[number]}\n{WORDS[number]}Error: no\n')

    async def mark(self):
        await self.printed.mark()

    async def trace(self, patience_s):
        return await self.printed.trace(patience_s)

    async def lost(self):
        return False

    async def revive(self):
        return True


def payload(number):
    return Payload(
        id=str(number), endpoint=f"GET /{number}", part="path", what="wrong", method="GET", path=f"/{number}"
    )


def found_by(tmp_path, late):
    async def run():
        subject = Slow(tmp_path / "log", late)
        listener = await asyncio.start_server(subject.serve, "127.0.0.1", 0)
        async with listener:
            target = Target(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
            suspects = [Suspect(payload(number), Answer(status=500)) for number in (0, 1, 2, 3, 1, 2)]
            return await examine(target, suspects, subject, Clock(time.monotonic, time.monotonic(), 60), Found())

    return {(each.payload.endpoint, each.trace.exception, each.trace.where) for each in asyncio.run(run()).failures}


def test_each_failure_keeps_the_traceback_that_is_its_own(tmp_path):
    assert found_by(tmp_path, late={3}) == {
        (f"GET /{number}", f"{word}Error: no", f"app.py:{number + 1}") for number, word in enumerate(WORDS)
    }


def test_what_comes_late_before_anything_was_heard_is_waited_for_too(tmp_path):
    found = found_by(tmp_path, late={1})
    assert {exception for endpoint, exception, _ in found if endpoint != "GET /0"} == {
        f"{word}Error: no" for word in WORDS[1:]
    }


def test_one_that_prints_no_tracebacks_any_more_is_not_waited_for_long(tmp_path):
    log = tmp_path / "log"
    log.write_text("")

    async def run():
        printed = Printed(log, str(tmp_path))
        await printed.mark()
        log.write_text("Traceback (most recent call last):\nKeyError: 1\n")
        assert (await printed.trace(0.01)).exception == "KeyError: 1"
        waited = []
        for _ in range(6):
            await printed.mark()
            begin = time.monotonic()
            await printed.trace(0.03)
            waited.append(time.monotonic() - begin)
        return waited

    waited = asyncio.run(run())
    assert min(waited[:2]) > 0.14 > min(waited[2:])
