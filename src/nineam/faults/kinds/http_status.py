"""An HTTP dependency answers with an error."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import msgspec

from nineam.faults.http_requests import HttpFault, Requests
from nineam.faults.way import END, Stage

if TYPE_CHECKING:
    from nineam.faults.injection import Injection
    from nineam.faults.link import Link

BODY = b"injected by nineam\n"
WITHOUT_BODY = (204, 304)


class HttpStatus(HttpFault, frozen=True, kw_only=True):
    """Answers requests with `status` in the dependency's place, which never sees them.

    `retry_after` adds a Retry-After header, in seconds.
    """

    NAME = "http_status"

    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 503
    retry_after: Annotated[int, msgspec.Meta(ge=0)] | None = None

    def stages(self, injection: "Injection", link: "Link") -> Sequence[Stage]:
        """Answer in place of the dependency."""
        return (Answering(link, injection, self),)

    def answer(self, method: bytes = b"GET", *, stays: bool = True) -> bytes:
        """Write the whole answer."""
        phrase = HTTPStatus(self.status).phrase if self.status in tuple(HTTPStatus) else "Injected"
        lines = [f"HTTP/1.1 {self.status} {phrase}"]
        if self.status not in WITHOUT_BODY:
            lines += ["content-type: text/plain", f"content-length: {len(BODY)}"]
        if self.retry_after is not None:
            lines.append(f"retry-after: {self.retry_after}")
        if not stays:
            lines.append("connection: close")
        head = "\r\n".join([*lines, "", ""]).encode()
        return head if method == b"HEAD" or self.status in WITHOUT_BODY else head + BODY


class Answering(Requests):
    """Takes requests off the dependency's hands."""

    __slots__ = ("_answer", "_answers", "_closes")

    def __init__(self, link: "Link", injection: "Injection", fault: HttpStatus) -> None:
        super().__init__(link, injection, fault)
        self._answer = fault.answer
        self._answers: list[bytes] = []
        self._closes = False

    def begun(self) -> bool:
        """Do not pass a request on."""
        self._injection.touch(self.way.link)
        return False

    def ended(self, method: bytes, *, stays: bool) -> None:
        """Have an answer ready."""
        self._answers.append(self._answer(method, stays=stays))
        self._closes = not stays

    def looked(self) -> None:
        """Answer, on the way back of ordinary answers."""
        answers, self._answers = self._answers, []
        link = self.way.link
        if answers:
            link.turn = link.down  # what comes next from the application is another request, and a flight
            link.down.push(b"".join(answers))
        if self._closes:
            self._closes = False
            link.close_behind_end()
            link.down.push(END)
