"""The body of a recorded request, as well as the recording kept it."""

import base64
from collections.abc import Iterable
from urllib.parse import urlencode

import msgspec

from nineam.model import Record

BOUNDARY = "nineam-form-boundary-7d9f3a61"


class Param(Record, frozen=True, kw_only=True, rename="camel"):
    """One field of a form."""

    name: str
    value: str | None = None
    file_name: str | None = None
    content_type: str | None = None


class Posted(Record, frozen=True, kw_only=True, rename="camel"):
    """`postData`. `encoding` is no part of HAR 1.2, but what some write who keep bytes."""

    mime_type: str | None = None
    text: str | None = None
    params: list[Param] | None = None
    encoding: str | None = None
    other_encoding: str | None = msgspec.field(default=None, name="_encoding")


def body_of(posted: Posted, content_type: str) -> tuple[str, bytes]:
    """Give content type and bytes of a body. Raises `ValueError` when they cannot be told."""
    kind = content_type or posted.mime_type or ""
    if posted.text or not posted.params:
        return kind, _bytes(posted.text or "", "base64" in (posted.encoding, posted.other_encoding))
    if kind.lower().startswith("multipart/"):
        return _multipart(posted.params)
    fields = urlencode([(each.name, each.value or "") for each in posted.params])
    return kind or "application/x-www-form-urlencoded", fields.encode()


def _bytes(text: str, is_base64: bool) -> bytes:
    try:
        return base64.b64decode(text) if is_base64 else text.encode()
    except ValueError as error:
        raise ValueError(f"postData.text is not {'base64' if is_base64 else 'text'}: {error}") from error


def _multipart(params: Iterable[Param]) -> tuple[str, bytes]:
    """A form with files; what a file held is often not in a recording, then it is empty."""
    parts = []
    for each in params:
        lines = f'Content-Disposition: form-data; name="{_quoted(each.name)}"'
        if each.file_name is not None:
            lines += f'; filename="{_quoted(each.file_name)}"'
        if each.content_type:
            lines += f"\r\nContent-Type: {_quoted(each.content_type)}"
        parts.append(f"--{BOUNDARY}\r\n{lines}\r\n\r\n{each.value or ''}\r\n")
    return f"multipart/form-data; boundary={BOUNDARY}", f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
