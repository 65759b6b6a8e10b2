"""`self.client`: a session of one user, with the interface of `requests` and of Locust's fast client.

One call is one request in the counts, redirects included, under its own name: as Locust counts.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from nineam.load.cookies import Jar
from nineam.load.failures import TOO_MANY_REDIRECTS
from nineam.load.http import Lane
from nineam.load.locust import strands
from nineam.load.locust.answers import Answer
from nineam.load.locust.bodies import Asked, outgoing_for
from nineam.load.locust.exceptions import NotOfferedError
from nineam.load.locust.mappings import Cookies, Lines
from nineam.load.outgoing import Outgoing, header_lines
from nineam.load.response import Response

REDIRECTS = frozenset({301, 302, 303, 307, 308})

clock = time.perf_counter_ns


class Session:
    """Sends the requests of one user: its own connection, cookies and headers."""

    def __init__(
        self, base_url: str, request_event: Any = None, user: Any = None, timeout: float = 0.0, **_: Any
    ) -> None:
        self.base_url = (base_url or "").rstrip("/")
        self.request_event = request_event
        self.user = user
        self.headers = Lines()
        self.auth: Any = None
        self.params: Mapping[str, Any] = {}
        self.verify: Any = True
        self.max_redirects = 30
        self.request_name: str | None = None
        self.timeout = timeout
        self._jar = Jar()
        self._lane: Lane | None = None

    # --- what tasks call ---

    def get(self, url: str, **options: Any) -> Answer:
        """GET."""
        return self.request("GET", url, **options)

    def options(self, url: str, **options: Any) -> Answer:
        """OPTIONS."""
        return self.request("OPTIONS", url, **options)

    def head(self, url: str, **options: Any) -> Answer:
        """HEAD; redirects are not followed unless asked for."""
        options.setdefault("allow_redirects", False)
        return self.request("HEAD", url, **options)

    def post(self, url: str, data: Any = None, json: Any = None, **options: Any) -> Answer:
        """POST."""
        return self.request("POST", url, data=data, json=json, **options)

    def put(self, url: str, data: Any = None, **options: Any) -> Answer:
        """PUT."""
        return self.request("PUT", url, data=data, **options)

    def patch(self, url: str, data: Any = None, **options: Any) -> Answer:
        """PATCH."""
        return self.request("PATCH", url, data=data, **options)

    def delete(self, url: str, **options: Any) -> Answer:
        """DELETE."""
        return self.request("DELETE", url, **options)

    def request(
        self,
        method: str,
        url: str,
        name: str | None = None,
        catch_response: bool = False,
        context: Any = None,
        **options: Any,
    ) -> Answer:
        """Send a request and wait for its answer. Raises `NotOfferedError` outside of a user's task."""
        strand = strands.current()
        if strand is None or strand.seat is None:
            raise NotOfferedError("self.client outside of a task", "in listeners, use a library of your own")
        asked = Asked(method=method.upper(), url=url, name=name or self.request_name or "", options=options)
        asked.options.pop("stream", None)
        response, history = self._exchange(strand, asked)
        answer = Answer(self, response, [], context)
        answer.history = [Answer(self, hop, [], context) for hop in history]
        if catch_response:
            strand.seat.uncounted.append(answer)
        else:
            self.count(answer)
        return answer

    @contextmanager
    def rename_request(self, name: str) -> Iterator[None]:
        """Name all requests inside of the `with`."""
        self.request_name, before = name, self.request_name
        try:
            yield
        finally:
            self.request_name = before

    @property
    def cookies(self) -> Cookies:
        """The user's cookies, as a mapping."""
        return self.cookies_in(self._jar)

    @cookies.setter
    def cookies(self, values: Mapping[str, str]) -> None:
        self._jar.clear()
        self.cookies.update(values)

    @property
    def cookiejar(self) -> Cookies:
        """The same, as the fast client calls it."""
        return self.cookies

    def cookies_in(self, jar: Jar) -> Cookies:
        """Show a jar as a mapping."""
        return Cookies(jar)

    def mount(self, prefix: str, adapter: Any) -> None:
        """Accept an adapter of `requests`, and do without it: connections are made by this engine."""

    def close(self) -> None:
        """Close the idle connections; the next request opens another one."""
        if self._lane is not None:
            self.user.seat.drop(self._lane)
            self._lane = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotOfferedError(f"self.client.{name}")

    # --- counting ---

    def count(self, answer: Answer) -> None:
        """Count an answer, once, as its verdict says."""
        if answer.counted:
            return
        answer.counted = True
        seat = self.user.seat
        if answer in seat.uncounted:
            seat.uncounted.remove(answer)
        response, verdict = answer.response, answer.verdict
        if verdict is True:
            response.expect, response.error = frozenset([response.status]), ""
        elif isinstance(verdict, BaseException):
            response.expect, response.error = frozenset(), seat.world.reason(verdict)
        seat.count(response)
        if seat.world.listening:
            seat.world.tell(self.meta(answer, answer.exception()))

    def meta(self, answer: Answer, exception: BaseException | None) -> dict[str, Any]:
        """Give what listeners of a request are told."""
        response = answer.response
        method, _, name = response.outgoing.name.partition(" ")
        return {
            "request_type": method,
            "name": name,
            "response_time": (response.end_ns - response.intended_ns) / 1e6,
            "response_length": len(response.body),
            "response": answer,
            "context": {**(self.user.context() if self.user else {}), **(answer.context or {})},
            "exception": exception,
            "start_time": time.time() - (clock() - response.issued_ns) / 1e9,
            "url": response.url,
        }

    # --- on the wire ---

    def _exchange(self, strand: strands.Strand, asked: Asked) -> tuple[Response, list[Response]]:
        outgoing, timeout_s = outgoing_for(asked, self, strand.seat.world)
        follows = asked.options.get("allow_redirects", True)
        name = outgoing.name
        history: list[Response] = []
        response = first = self._send(strand, outgoing, timeout_s)
        while follows and response.status in REDIRECTS:
            following = strand.seat.world.next_hop(response)
            if following is None:
                break
            if len(history) >= self.max_redirects:
                response.status, response.error = 0, TOO_MANY_REDIRECTS
                break
            history.append(response)
            response = self._send(strand, following, timeout_s)
        if history:
            response.intended_ns, response.sent_ns, response.issued_ns = (
                first.intended_ns,
                first.sent_ns,
                first.issued_ns,
            )
            response.outgoing = renamed(response.outgoing, name)
        return response, history

    def _send(self, strand: strands.Strand, outgoing: Outgoing, timeout_s: float) -> Response:
        seat = strand.seat
        seat.check()
        if self._lane is None:
            self._lane = seat.lane()
        now = clock()
        timeout_ns = round(timeout_s * 1e9) or seat.world.surroundings.client.timeout_ns
        response = Response(outgoing, now - seat.late_ns, now, now + timeout_ns, seat.answered)
        seat.late_ns = 0
        seat.sent += 1
        if self._jar.kept and "cookie" not in outgoing.headers:
            cookie = self._jar.header(outgoing.path.partition("?")[0])
            response.extra = header_lines({"cookie": cookie}) if cookie else b""
        strand.wait(partial(self._begin, response), in_flight=True)
        return response

    def _begin(self, response: Response, resume: strands.Resume) -> None:
        assert self._lane is not None
        response.waiter = self, resume
        self._lane.send(response)

    def keep_cookies(self, response: Response) -> None:
        """Keep the cookies of an answer."""
        if response.mentions()[0]:
            lines = (value for name, value in response.headers.lines if name == "set-cookie")
            self._jar.store(lines, response.outgoing.path)


def renamed(outgoing: Outgoing, name: str) -> Outgoing:
    """Give the same request under another name."""
    return Outgoing(outgoing.method, outgoing.path, outgoing.url, name, outgoing.headers, outgoing.head, outgoing.body)
