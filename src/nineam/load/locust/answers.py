"""Answers as a locustfile sees them: like those of `requests`, with `success` and `failure` on top."""

import datetime
import json
import sys
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from nineam.load.cookies import Jar
from nineam.load.locust.exceptions import CatchResponseError, HTTPError, NotOfferedError, ResponseError
from nineam.load.response import Response

if TYPE_CHECKING:
    from nineam.load.locust.session import Session

decode_json = msgspec.json.Decoder().decode


class Answer:
    """What came back. `status_code` is 0 and `error` says why when nothing did.

    With `catch_response` it is counted when the `with` is left, otherwise at once.
    """

    js: Any = None
    is_permanent_redirect = False

    def __init__(self, session: "Session", response: Response, history: list["Answer"], context: Any) -> None:
        self._session = session
        self.response = response
        self.history = history
        self.context = context
        self.verdict: BaseException | bool | None = None
        self.counted = False

    # --- what came back ---

    @property
    def status_code(self) -> int:
        """The status; 0 without an answer."""
        return self.response.status

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        return self.response.content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.response.text

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by name in any case."""
        return self.response.headers

    @property
    def url(self) -> str:
        """The absolute address that was asked last."""
        return self.response.url

    @property
    def reason(self) -> str:
        """The phrase that belongs to the status."""
        try:
            return HTTPStatus(self.status_code).phrase
        except ValueError:
            return ""

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return 0 < self.status_code < 400

    @property
    def error(self) -> BaseException | None:
        """Why nothing came back."""
        return None if self.status_code else ConnectionError(self.response.error)

    @property
    def elapsed(self) -> datetime.timedelta:
        """How long it took."""
        return datetime.timedelta(milliseconds=self.response.elapsed_ms)

    @property
    def encoding(self) -> str | None:
        """The charset that the answer names."""
        _, _, charset = self.headers.get("content-type", "").lower().partition("charset=")
        return charset.partition(";")[0].strip(" \"'") or None

    apparent_encoding = encoding

    @property
    def is_redirect(self) -> bool:
        """Whether it says where to go instead."""
        return 300 < self.status_code < 400 and "location" in self.headers

    @property
    def cookies(self) -> Any:
        """The cookies that this answer sets."""
        return self._session.cookies_in(self._jar())

    @property
    def request(self) -> Any:
        """What was asked."""
        asked = self.response.outgoing
        return SimpleNamespace(
            method=asked.method, url=asked.url, path_url=asked.path, headers=dict(asked.headers), body=asked.body
        )

    @property
    def request_meta(self) -> dict[str, Any]:
        """What listeners are told about the request."""
        return self._session.meta(self, self.exception())

    locust_request_meta = request_meta

    def json(self, **_: Any) -> Any:
        """Parse the body as JSON. Raises `json.JSONDecodeError` (that of `requests` where it is in use)."""
        try:
            return decode_json(self.content)
        except msgspec.DecodeError:
            return self._lenient_json()

    def raise_for_status(self) -> None:
        """Raise `HTTPError` for a status of 400 and above, and `ConnectionError` when nothing came back."""
        if not self.status_code:
            raise ConnectionError(self.response.error)
        if self.status_code >= 400:
            side = "Client" if self.status_code < 500 else "Server"
            text = f"{self.status_code} {side} Error: {self.reason} for url: {self.url}"
            error = _of_requests("HTTPError", HTTPError)(text)
            error.response = self
            raise error

    def iter_content(self, chunk_size: int = 1, **_: Any) -> Iterator[bytes]:
        """Give the body in pieces; it has arrived as a whole."""
        content = self.content
        return (content[start : start + chunk_size] for start in range(0, len(content), chunk_size or 1))

    def iter_lines(self, decode_unicode: bool = False, **_: Any) -> Iterator[Any]:
        """Give the body line by line; it has arrived as a whole."""
        return iter(self.text.splitlines() if decode_unicode else self.content.splitlines())

    def close(self) -> None:
        """Nothing to close."""

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotOfferedError(f"response.{name}")

    # --- catch_response ---

    def success(self) -> None:
        """Count it as a success, whatever its status."""
        self.verdict = True

    def failure(self, exc: Any) -> None:
        """Count it as failed, for this reason."""
        self.verdict = exc if isinstance(exc, BaseException) else CatchResponseError(exc)

    def settle(self) -> None:
        """Count it, unless it is counted."""
        self._session.count(self)

    def exception(self) -> BaseException | None:
        """Say what made the request fail; None when it did not."""
        if self.verdict is not None:
            return None if isinstance(self.verdict, bool) else self.verdict
        try:
            self.raise_for_status()
        except OSError as error:
            return error
        return None

    def __enter__(self) -> "Answer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if self.verdict is None and isinstance(error, ResponseError):
            self.verdict = error
            self._session.count(self)
            return True
        if self.verdict is None and isinstance(error, AssertionError):
            self.verdict = error
        self._session.count(self)
        return False

    # --- inside ---

    def _jar(self) -> Jar:
        jar = Jar()
        lines = (value for name, value in self.response.headers.lines if name == "set-cookie")
        jar.store(lines, self.response.outgoing.path)
        return jar

    def _lenient_json(self) -> Any:
        try:
            return json.loads(self.content)
        except UnicodeDecodeError:
            return json.loads(self.text)
        except json.JSONDecodeError as error:
            kind = _of_requests("JSONDecodeError", json.JSONDecodeError)
            raise kind(error.msg, error.doc, error.pos) from error


def _of_requests(name: str, otherwise: Any) -> Any:
    """Give an exception of `requests` where the file uses that, so that it catches what it expects."""
    module = sys.modules.get("requests.exceptions")
    return getattr(module, name, otherwise)
