"""HAR files: what a browser or a proxy recorded, as journeys to be made again."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from nineam.errors import UsageError, pointer
from nineam.model import Record, Recording
from nineam.traffic.files import counted, excerpt, text_of, whole
from nineam.traffic.har_entry import Exchange, exchange
from nineam.traffic.har_steps import steps_of

KIND = "HAR file"
SHOWN = 3
NETWORK = ("http", "https")
RECORD_ONE = "Record one: developer tools, Network, load the page, then 'Save all as HAR'."
OFFSET = re.compile(r"\(byte (\d+)\)")


class Recorded(Record, frozen=True, kw_only=True):
    """The journey of a HAR file, and what of it is not made again, counted by why."""

    recordings: tuple[Recording, ...]
    skipped: tuple[str, ...] = ()


class _Log(Record, frozen=True, kw_only=True):
    entries: list[msgspec.Raw] | None = None


class _File(Record, frozen=True, kw_only=True):
    log: _Log | None = None


def read_har(path: Path, *, origin: str = "") -> Recorded:
    """Read a HAR 1.2 file: one recording, from the first request to the last, of the requests to one origin.

    That is the origin of the first page shown, unless `origin` says otherwise. Raises `UsageError` when the file is
    no HAR, or has nothing in it that can be sent again.
    """
    log = _log(path)
    if not log.entries:
        raise UsageError(f"{path} is empty: log.entries has no requests", hint=RECORD_ONE)
    skipped: list[str] = []
    sendable = _sendable(_exchanges(log.entries, skipped), skipped)
    replayed = origin.rstrip("/") or _shown_first(sendable)
    own = [each for each in sendable if each.origin == replayed]
    elsewhere = Counter(each.origin for each in sendable if each.origin != replayed)
    for other, number in elsewhere.most_common():
        skipped.append(f"{other}: {counted(number, 'request')}; only {replayed} is replayed")
    steps, followed = steps_of(own)
    if followed:
        skipped.append(f"{counted(followed, 'request')} that a redirect leads to anyway")
    if not steps:
        raise UsageError(f"{path} has no request that can be sent again", details=skipped, hint=RECORD_ONE)
    return Recorded(recordings=(Recording(name=path.stem, origin=replayed, steps=steps),), skipped=tuple(skipped))


# --- the file ---


def _log(path: Path) -> _Log:
    data = text_of(whole(path, KIND), path).encode()
    try:
        file = msgspec.json.decode(data, type=_File)
    except msgspec.ValidationError as error:
        raise _no_har(path, str(error)) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise _no_json(path, data, str(error)) from error
    if file.log is None or file.log.entries is None:
        raise _no_har(path, f"there is no {'log.entries' if file.log else 'log'} in it")
    return file.log


def _no_har(path: Path, why: str) -> UsageError:
    details = ('expected {"log": {"entries": [...]}}', f"got: {why}")
    return UsageError(f"{path} is JSON, but no HAR", details=details, hint=RECORD_ONE)


def _no_json(path: Path, data: bytes, why: str) -> UsageError:
    if not data.strip():
        return UsageError(f"{path} is empty", hint=RECORD_ONE)
    found = OFFSET.search(why)
    at = min(int(found.group(1)), len(data)) if found else len(data)
    line = data.count(b"\n", 0, at) + 1
    begin = data.rfind(b"\n", 0, at) + 1
    before, after = (data[max(begin, at - 60) : at], data[at : at + 20].partition(b"\n")[0])
    seen = excerpt(before.decode(errors="replace"))
    details = pointer(seen + excerpt(after.decode(errors="replace")), len(seen))
    message = f"{path}:{line} is not JSON: {OFFSET.sub('', why).strip()} at column {at - begin + 1}"
    return UsageError(message, details=details, hint="Is the file whole? Save it again.")


# --- what of it is sent ---


def _exchanges(entries: Iterable[msgspec.Raw], skipped: list[str]) -> list[Exchange]:
    found: list[Exchange] = []
    broken: list[str] = []
    for number, raw in enumerate(entries, 1):
        try:
            found.append(exchange(raw, found[-1].began_ns if found else 0))
        except ValueError as error:
            broken.append(f"entry {number}: {excerpt(str(error))}")
    if broken:
        skipped.append("1 malformed entry" if len(broken) == 1 else f"{len(broken):,} malformed entries")
        skipped += broken[:SHOWN]
    return sorted(found, key=lambda each: each.began_ns)


def _sendable(exchanges: Iterable[Exchange], skipped: list[str]) -> list[Exchange]:
    sendable, reasons = [], Counter[str]()
    for each in exchanges:
        if each.is_websocket:
            reasons["to a WebSocket"] += 1
        elif each.scheme not in NETWORK:
            reasons[f"to {excerpt(each.scheme)}:, which no server answers"] += 1
        elif each.request.method == "CONNECT":
            reasons["to a proxy (CONNECT)"] += 1
        else:
            sendable.append(each)
    skipped += [f"{counted(number, 'request')} {reason}" for reason, number in reasons.most_common()]
    return sendable


def _shown_first(exchanges: list[Exchange]) -> str:
    """Return the origin of the first page, or the one beside it on the same host that is asked more.

    That is the application behind a development server of pages. Without a page it is the origin asked most.
    """
    asked = Counter(each.origin for each in exchanges if not each.is_asset) or Counter(e.origin for e in exchanges)
    first = next((each.origin for each in exchanges if each.is_document), "")
    near = [origin for origin in asked if not first or urlsplit(origin).hostname == urlsplit(first).hostname]
    return max(near, key=lambda origin: (asked[origin], origin == first), default="")
