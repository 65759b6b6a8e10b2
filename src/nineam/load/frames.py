"""HTTP/2 frames, as far as they have to be looked at before `h2` gets them.

After a GOAWAY `h2` refuses to read on, while the requests that the server has accepted are still answered: so that
frame is kept from it.
"""

from typing import NamedTuple

HEAD = 9
LARGEST = 16_384
GOAWAY = 7


class Goodbye(NamedTuple):
    """What a GOAWAY frame says: the last stream that is answered, and an error code (0: none)."""

    last_stream: int
    code: int


class FrameReader:
    """Gives whole frames on, and keeps GOAWAY back."""

    def __init__(self) -> None:
        self.begun = False
        self._rest = b""
        self._lost = False

    def feed(self, data: bytes) -> tuple[bytes, Goodbye | None]:
        """Take bytes as they come; whole frames, and the last goodbye among them."""
        self.begun = True
        data = self._rest + data
        passed, goodbye, at = [], None, 0
        while not self._lost and len(data) - at >= HEAD:
            length = int.from_bytes(data[at : at + 3], "big")
            if length > LARGEST:  # nothing we allow: `h2` says so
                self._lost = True
                break
            end = at + HEAD + length
            if end > len(data):
                break
            if data[at + 3] == GOAWAY and length >= 8:
                goodbye = _goodbye(data[at + HEAD : end])
            else:
                passed.append(data[at:end])
            at = end
        if self._lost:
            passed.append(data[at:])
            at = len(data)
        self._rest = data[at:]
        return b"".join(passed), goodbye


def _goodbye(payload: bytes) -> Goodbye:
    last = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
    return Goodbye(last, int.from_bytes(payload[4:8], "big"))
