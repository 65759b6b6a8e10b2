"""A set of payloads as a file: made once, replayed as often as wanted."""

import hashlib
from pathlib import Path

import msgspec

from nineam.errors import UsageError
from nineam.model import Payload, Record

FORMAT = "nineam/payloads-set/1"
LARGEST = 200_000_000
HINT = "make it anew without --replay"
HEAD_BREAKS = ("\r", "\n")


class Frozen(Record, frozen=True, kw_only=True):
    """Payloads with what they were made from: the seed, and a digest of endpoints, document and versions."""

    schema: str = FORMAT
    seed: int
    digest: str = ""
    payloads: tuple[Payload, ...]


def digest_of(*parts: bytes) -> str:
    """Tell apart what payloads are made from."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()[:16]


def freeze(path: Path, frozen: Frozen) -> None:
    """Write a set, whole or not at all. Raises `UsageError` when that cannot be done."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(frozen), indent=1))
        part.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write the payloads to {path}: {error.strerror}", hint="name another --out") from None


def thaw(path: Path) -> Frozen:
    """Read a set. Raises `UsageError` for what is none, and for requests that would hide another one."""
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path} is larger than {LARGEST // 1_000_000} MB, expected a set of payloads", hint=HINT)
        found = msgspec.json.decode(path.read_bytes(), type=Frozen)
    except OSError as error:
        raise UsageError(f"cannot read the payloads {path}: {error.strerror}", hint=HINT) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no set of payloads: {error}", hint=HINT) from None
    if found.schema != FORMAT:
        raise UsageError(f"{path} has the schema {found.schema!r}, expected {FORMAT!r}", hint=HINT)
    for payload in found.payloads:
        if is_unfit(payload):
            raise UsageError(f"{path}: the head of payload {payload.id!r} has a line break or a blank", hint=HINT)
    return found


def is_unfit(payload: Payload) -> bool:
    """Whether a head would not be one request's: another could hide in it."""
    words = (payload.method, payload.target, *(text for line in payload.headers for text in line))
    blank = any(character.isspace() for character in payload.method + payload.target)
    return blank or any(mark in word for word in words for mark in HEAD_BREAKS)
