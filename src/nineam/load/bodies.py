"""Request bodies that are built whole: JSON, forms, text, bytes, multipart."""

import json as json_module
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from nineam.load.uploads import Upload, UploadData, read_whole, size_of

FileBody = bytes | Path | IO[bytes]
FileContent = FileBody | tuple[str, FileBody] | tuple[str, FileBody, str]
Data = bytes | str | Mapping[str, Any] | Upload | UploadData


def encode_body(json: Any, data: Any, files: Mapping[str, FileContent] | None) -> tuple[str, bytes]:
    """Content type and bytes of a body; both empty when there is none."""
    if files:
        return _multipart(data if isinstance(data, Mapping) else {}, files)
    if json is not None:
        return "application/json", json_module.dumps(json, separators=(",", ":")).encode()
    if isinstance(data, Mapping):
        return "application/x-www-form-urlencoded", urlencode(data, doseq=True).encode()
    if isinstance(data, str):
        return "text/plain; charset=utf-8", data.encode()
    return ("application/octet-stream", bytes(data)) if data else ("", b"")


def _multipart(fields: Mapping[str, Any], files: Mapping[str, FileContent]) -> tuple[str, bytes]:
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{name}"', "", str(value).encode()) for name, value in fields.items()]
    for name, content in files.items():
        filename, body, kind = _file(name, content)
        parts.append(_part(boundary, f'name="{name}"; filename="{filename}"', f"Content-Type: {kind}\r\n", body))
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def _file(name: str, content: FileContent) -> tuple[str, bytes, str]:
    given, body, *rest = content if isinstance(content, tuple) else (_filename(name, content), content)
    return given, _content(body), str(rest[0]) if rest else "application/octet-stream"


def _filename(name: str, content: FileBody) -> str:
    if isinstance(content, bytes):
        return name
    path = content if isinstance(content, Path) else getattr(content, "name", name)
    return Path(path).name if isinstance(path, str | Path) else name


def _content(content: FileBody) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, Path):
        size_of(content)
        return content.read_bytes()
    return read_whole(content)


def _part(boundary: str, disposition: str, more: str, body: bytes) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n".encode() + body + b"\r\n"
