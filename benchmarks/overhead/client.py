"""A client that sends a fixed number of requests, over a fixed number of connections, and checks every answer.

How many requests a block has must not depend on who is measured, and an answer that is not 200 would be cheap.
"""

import select
import socket
import time

HEAD = b"GET %s HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\nx-nineam-sent: %d\r\n\r\n"
END = b"\r\n\r\n"
LENGTH = b"content-length:"
PATIENCE_S = 30.0


class Connection:
    """One connection; a server that closes after every answer gets a new one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._buffer = b""

    def send(self, path: bytes) -> int:
        """Send a request and give the number of the socket to wait for."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._socket.sendall(HEAD % (path, time.perf_counter_ns()))
        return self._socket.fileno()

    def receive(self) -> bytes:
        """Read what has come and give the body once it is whole. Raises `RuntimeError` when it is no 200."""
        assert self._socket is not None
        data = self._socket.recv(262_144)
        self._buffer += data
        head, end, body = self._buffer.partition(END)
        if not data and not end:
            raise RuntimeError("the server closed the connection without an answer")
        if not end or (data and len(body) < _length(head)):
            return b""
        if b" 200 " not in head[:16]:
            raise RuntimeError(f"not a 200: {self._buffer[:300]!r}")
        if b"connection: close" in head.lower():
            self.close()
        return body

    def close(self) -> None:
        """Close what is open."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class Client:
    """Asks one server, with so many connections at once."""

    def __init__(self, port: int, connections: int = 1) -> None:
        self._connections = [Connection(port) for _ in range(connections)]

    def ask(self, path: str) -> bytes:
        """Send one request and give the body of its answer."""
        first = self._connections[0]
        first.send(path.encode())
        return _whole(first)

    def back_to_back(self, path: str, count: int) -> float:
        """Send `count` requests, each as soon as the answer before it is there, and give the seconds it took."""
        began, poll, to_send, name = time.perf_counter(), select.poll(), count, path.encode()
        busy: dict[int, Connection] = {}
        idle = list(self._connections)
        while to_send or busy:
            while to_send and idle:
                connection, to_send = idle.pop(), to_send - 1
                number = connection.send(name)
                busy[number] = connection
                poll.register(number, select.POLLIN)
            for number, _ in _ready(poll):
                if busy[number].receive():
                    poll.unregister(number)
                    idle.append(busy.pop(number))
        return time.perf_counter() - began

    def paced(self, path: str, rate: float, count: int) -> float:
        """Send `count` requests at `rate` a second, one at a time, and give the seconds it took."""
        began, name, first = time.perf_counter(), path.encode(), self._connections[0]
        for number in range(count):
            time.sleep(max(0.0, began + number / rate - time.perf_counter()))
            first.send(name)
            _whole(first)
        time.sleep(max(0.0, began + count / rate - time.perf_counter()))
        return time.perf_counter() - began

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.close()


def _ready(poll: "select.poll") -> list[tuple[int, int]]:
    found = poll.poll(PATIENCE_S * 1000)
    if not found:
        raise RuntimeError(f"no answer within {PATIENCE_S:g} s")
    return found


def _whole(connection: Connection) -> bytes:
    while not (body := connection.receive()):
        pass
    return body


def _length(head: bytes) -> float:
    """The length that the head declares; without one an answer ends with its connection."""
    lower = head.lower()
    at = lower.find(LENGTH)
    return int(lower[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else float("inf")
