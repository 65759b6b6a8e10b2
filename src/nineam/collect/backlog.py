"""How many connections have arrived that the application has not accepted yet: asked of the kernel, for one port."""

import socket
import struct
from collections.abc import Callable, Iterator

from nineam.collect.signals import MACHINE, NotHere, Readings

SOCK_DIAG, BY_FAMILY = 4, 20
ENDS = {2: "an error", 3: "the end"}
REQUEST_DUMP = 0x301
LISTENING = 1 << 10
HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, sender
BY_FAMILY_AND_PORT = struct.Struct("=BBxxI")  # family, protocol, states; then the socket's identity
IDENTITY = struct.Struct(">HH44x")  # port, peer's port; addresses, interface and cookie do not matter
ANSWER = struct.Struct("=4x48xIII")  # family to retransmits, identity; expires, waiting, limit

Ask = Callable[[bytes], bytes]


class Backlog:
    """The gauges `backlog.waiting` and `backlog.limit` of the sockets that listen on a port, together.

    Asked over netlink (`man 7 sock_diag`), where a listening socket's two queues are the connections that wait to be
    accepted and how many may; `/proc/net/tcp` has only the first, among all connections of the machine.
    """

    what = "how many connections wait to be accepted"

    def __init__(self, port: int | None, ask: Ask | None = None) -> None:
        self._port = port
        self._ask = ask or _ask

    def look(self) -> Readings:
        """Ask once. Raises NotHere when the application listens on no port, or the kernel does not say."""
        if self._port is None:
            raise NotHere("the application listens on no TCP port")
        try:
            found = [row for family in (socket.AF_INET, socket.AF_INET6) for row in self._listening(family)]
        except (OSError, struct.error, AttributeError) as error:
            raise NotHere(f"the kernel does not say ({error})") from None
        waiting, limit = (sum(row[index] for row in found) for index in (0, 1))
        return {MACHINE: {"backlog.waiting": waiting, "backlog.limit": limit}} if found else {}

    def _listening(self, family: int) -> Iterator[tuple[int, int]]:
        """Yield waiting connections and their limit for each socket that listens on the port."""
        assert self._port is not None
        wanted = BY_FAMILY_AND_PORT.pack(family, socket.IPPROTO_TCP, LISTENING) + IDENTITY.pack(self._port, 0)
        header = HEADER.pack(HEADER.size + len(wanted), BY_FAMILY, REQUEST_DUMP, 1, 0)
        for kind, body in messages(self._ask(header + wanted)):
            if kind == BY_FAMILY and IDENTITY.unpack_from(body, 4)[0] == self._port:
                yield ANSWER.unpack_from(body)[1:]


def messages(answer: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each netlink message up to the one that ends them; raises OSError for an error."""
    offset = 0
    while offset + HEADER.size <= len(answer):
        length, kind, *_ = HEADER.unpack_from(answer, offset)
        body = answer[offset + HEADER.size : offset + length]
        if kind in ENDS or length < HEADER.size:
            if ENDS.get(kind) == "an error":
                raise OSError(-struct.unpack_from("=i", body)[0], "sock_diag refused")
            return
        yield kind, body
        offset += (length + 3) & ~3


def _ask(request: bytes) -> bytes:
    """Send a request and read until the answer is whole."""
    answer = b""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG) as kernel:
        kernel.settimeout(1.0)
        kernel.send(request)
        while True:
            part = kernel.recv(65536)
            answer += part
            if not part or _ends(part):
                return answer


def _ends(part: bytes) -> bool:
    """Whether a datagram holds the message that ends an answer."""
    offset = 0
    while offset + HEADER.size <= len(part):
        length, kind, *_ = HEADER.unpack_from(part, offset)
        if kind in ENDS:
            return True
        offset += max(HEADER.size, (length + 3) & ~3)
    return False
