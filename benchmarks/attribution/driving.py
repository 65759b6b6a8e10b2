"""Requests: each connection asks again as soon as it is answered."""

import contextlib
import http.client
import json
import threading
import time
from typing import Any, NamedTuple

from benchmarks.attribution.book import clock
from benchmarks.attribution.wrappers import SENT, TRUTH

PATHS = ("/work", "/data", "/calls")


class Sent(NamedTuple):
    """A request that was answered: the instant of sending, and nanoseconds until the answer was read."""

    path: str
    sent: int
    latency_ns: int


def play(port: int, connections: int, requests: int) -> list[Sent]:
    """Send so many requests for each path, in turn, over so many connections that are busy all the time.

    Raises RuntimeError when a request fails.
    """
    paths = iter([path for _ in range(requests) for path in PATHS])
    answered: list[Sent] = []
    failures: list[str] = []

    def ask_on() -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with contextlib.closing(client):
            while not failures:
                with lock:
                    path = next(paths, None)
                if path is None:
                    return
                try:
                    answered.append(_ask(client, path))
                except (OSError, RuntimeError, http.client.HTTPException) as error:
                    failures.append(f"{path}: {error!r}")

    lock = threading.Lock()
    threads = [threading.Thread(target=ask_on) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return answered


def truth(port: int, requests: int) -> dict[int, dict[str, Any]]:
    """Fetch the application's book: the pages of so many requests, by the instant of sending.

    The last of them are closed after their answers are here. Raises RuntimeError when they are not within ten seconds.
    """
    pages: dict[int, dict[str, Any]] = {}
    until = time.monotonic() + 10
    while time.monotonic() < until:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with contextlib.closing(client):
            client.request("GET", TRUTH)
            pages |= {page["sent"]: page for page in json.loads(client.getresponse().read())}
        if len(pages) >= requests:
            return pages
        time.sleep(0.05)
    raise RuntimeError(f"the book has {len(pages)} pages of {requests}")


def _ask(client: http.client.HTTPConnection, path: str) -> Sent:
    sent = clock()  # the request's name as well: no two threads read the same nanosecond
    client.request("GET", path, headers={SENT: str(sent)})
    answer = client.getresponse()
    body = answer.read()
    latency_ns = clock() - sent
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"answered with {answer.status}: {body[:300]!r}")
    return Sent(path, sent, latency_ns)
