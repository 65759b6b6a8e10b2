"""What one idle client sees: asks every 10 ms on one connection, with blocking calls, and notes how long it took.

`python -m benchmarks.probe PORT` says so when it is connected, and prints `[[instant, nanoseconds], ...]` when its
input ends; instants are `time.perf_counter_ns`.
"""

import json
import os
import socket
import sys
import threading
import time

EVERY_NS = 10_000_000
REQUEST = b"GET /probe HTTP/1.1\r\nhost: localhost\r\n\r\n"

clock = time.perf_counter_ns


def main() -> None:
    """Ask until the input ends."""
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seen: list[tuple[int, int]] = []
    threading.Thread(target=_leave_with_the_input, args=(seen,), daemon=True).start()
    print("connected", flush=True)
    due = clock()
    while True:
        began = clock()
        connection.sendall(REQUEST)
        connection.recv(65536)  # the answer is one small packet
        seen.append((began, clock() - began))
        due = max(due + EVERY_NS, clock())
        time.sleep(max(0, due - clock()) / 1e9)


def _leave_with_the_input(seen: list[tuple[int, int]]) -> None:
    sys.stdin.buffer.read()
    print(json.dumps(seen.copy()), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
