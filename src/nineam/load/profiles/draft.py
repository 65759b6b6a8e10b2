"""A request taken apart, so that something can be made wrong in it."""

from random import Random

from nineam.load.outgoing import Outgoing

Line = tuple[bytes, bytes]


class Draft:
    """Method, target, version, header lines and body of a request, all as bytes; everything may be changed.

    `choice` is the user's own.

    `ends` closes the way to the server behind the request. `framed` keeps the content-length right.
    """

    def __init__(self, outgoing: Outgoing, extra: bytes, choice: Random) -> None:
        self.choice = choice
        first, _, rest = (outgoing.head + extra).partition(b"\r\n")
        self.method, target, self.version = first.split(b" ", 2)
        self.path, _, self.query = target.partition(b"?")
        self.lines: list[Line] = [_line(line) for line in rest.split(b"\r\n") if line]
        self.body = outgoing.body
        self.framed = True
        self.ends = False
        self.drop(b"connection")

    def drop(self, name: bytes) -> None:
        """Leave a header out."""
        self.lines = [line for line in self.lines if line[0] != name]

    def put(self, name: bytes, value: bytes) -> None:
        """Let a header have this value."""
        self.drop(name)
        self.add(name, value)

    def add(self, name: bytes, value: bytes) -> None:
        """Add a header line, whether or not there is one of that name."""
        self.lines.append((name, value))

    def frame(self, name: bytes, value: bytes) -> None:
        """Say in another way where the body ends."""
        self.framed = False
        self.drop(b"content-length")
        self.add(name, value)

    def as_bytes(self) -> bytes:
        """Give what goes over the wire."""
        if self.framed and (self.body or any(name == b"content-length" for name, _ in self.lines)):
            self.put(b"content-length", b"%d" % len(self.body))
        target = self.path + b"?" + self.query if self.query else self.path
        lines = [b"%b %b %b" % (self.method, target, self.version)]
        lines += [b"%b: %b" % line for line in (*self.lines, (b"connection", b"close"))]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def _line(line: bytes) -> Line:
    name, _, value = line.partition(b":")
    return name.strip().lower(), value.strip()
