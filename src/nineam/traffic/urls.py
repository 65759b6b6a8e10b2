"""Lists of addresses: one a line, or vegeta's targets with headers and bodies."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from nineam.endpoints import endpoint_name
from nineam.errors import UsageError, nearest
from nineam.model import Record, RequestSpec
from nineam.model.traffic import MOST_WEIGHT
from nineam.traffic.files import MEGABYTE, excerpt, text_of, whole

KIND = "list of URLs"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LONGEST_METHOD = 20
LONGEST_ADDRESS = 16_384
LARGEST_BODY = 16 * MEGABYTE
ADDRESS = re.compile(r"https?://|/", re.IGNORECASE)
HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):(?:[ \t]+(.*))?")
EXPECTED = (
    "A line is /path, METHOD /path or a whole URL, then perhaps a weight; `Name: value` and `@file` lines below it."
)


class Listed(Record, frozen=True, kw_only=True):
    """The requests of a list, equal ones as one; `hosts` are those that it names, and which are not asked."""

    requests: tuple[RequestSpec, ...]
    hosts: tuple[str, ...] = ()


class _Place(Record, frozen=True, kw_only=True):
    """A line of the list."""

    file: Path
    number: int
    text: str

    def wrong(self, message: str, hint: str = EXPECTED) -> UsageError:
        return UsageError(f"{self.file}:{self.number}: {message}", details=[excerpt(self.text)], hint=hint)


def read_urls(path: Path) -> tuple[RequestSpec, ...]:
    """Read the requests of a list, whatever hosts it names. Raises `UsageError` naming the line that is wrong."""
    return read_list(path).requests


def read_list(path: Path) -> Listed:
    """Read a list. Raises `UsageError` naming the line that is wrong, and for a list without requests."""
    lines = text_of(whole(path, KIND), path).split("\n")
    found: dict[RequestSpec, float] = {}
    hosts: dict[str, None] = {}
    for block in _blocks(path, lines):
        spec, host = _request(block)
        weightless = msgspec.structs.replace(spec, weight=1.0)
        found[weightless] = found.get(weightless, 0.0) + spec.weight
        hosts |= {host: None} if host else {}
    if not found:
        raise UsageError(f"{path} has no request in it", hint=EXPECTED)
    requests = tuple(msgspec.structs.replace(spec, weight=weight) for spec, weight in found.items())
    return Listed(requests=requests, hosts=tuple(hosts))


def _blocks(path: Path, lines: list[str]) -> Iterator[list[_Place]]:
    """Give the lines that belong together: that of an address, and the headers and the body below it."""
    block: list[_Place] = []
    for number, line in enumerate(lines, 1):
        place = _Place(file=path, number=number, text=line.strip())
        follows = place.text.startswith("@") or (HEADER.fullmatch(place.text) and not ADDRESS.match(place.text))
        if follows and not block:
            raise place.wrong("a header or a body stands right below the address that it belongs to")
        if block and not follows and not place.text.startswith("#"):
            yield block
            block = []
        if place.text and not place.text.startswith("#"):
            block.append(place)
    if block:
        yield block


def _request(block: list[_Place]) -> tuple[RequestSpec, str]:
    first, *below = block
    method, address, weight = _words(first)
    parts = _split(first, address)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = _credentials(parts) | _headers(below)
    bodies = [place for place in below if place.text.startswith("@")]
    if len(bodies) > 1:
        raise bodies[1].wrong("a request has one body")
    spec = RequestSpec(
        method=method,
        path=path,
        name=endpoint_name(method, path),
        weight=weight,
        headers=tuple(headers.items()),
        body=_body(bodies[0]) if bodies else b"",
    )
    return spec, parts.netloc.rpartition("@")[2]


def _words(place: _Place) -> tuple[str, str, float]:
    """Method, address and weight of a line."""
    words = place.text.split()
    method = "GET" if ADDRESS.match(words[0]) else words.pop(0)
    if method.upper() not in METHODS:
        raise _no_method(place, method)
    if not words or not ADDRESS.match(words[0]):
        got = f"'{excerpt(words[0])}'" if words else "nothing"
        raise place.wrong(f"{method.upper()} is followed by {got}, expected /path or http://...")
    if len(words) > 2:
        raise place.wrong(f"'{excerpt(words[2])}' is too much; a blank in an address is written %20")
    return method.upper(), words[0], _weight(place, words[1]) if words[1:] else 1.0


def _no_method(place: _Place, got: str) -> UsageError:
    close = nearest(got[:LONGEST_METHOD].upper(), METHODS)
    if close:
        return place.wrong(f"'{excerpt(got)}' is no method; did you mean {close}?")
    if HEADER.match(got) or "." in got:
        return place.wrong(
            f"'{excerpt(got)}' is neither /path nor a whole URL",
            hint="Put http:// or / before an address, and a blank behind the colon of a header.",
        )
    return place.wrong(f"'{excerpt(got)}' is neither an address nor one of {', '.join(METHODS)}")


def _weight(place: _Place, word: str) -> float:
    try:
        weight = float(word)
    except ValueError:
        raise place.wrong(f"'{excerpt(word)}' after the address is no weight, expected a number") from None
    if not 0 < weight <= MOST_WEIGHT:
        wanted = f"more than 0, at most {MOST_WEIGHT:g}"
        raise place.wrong(f"the weight is {excerpt(word)}, expected {wanted}", hint="Leave out what is not to be sent.")
    return weight


def _split(place: _Place, address: str) -> SplitResult:
    if len(address) > LONGEST_ADDRESS:
        message = f"the address has {len(address):,} characters, expected at most {LONGEST_ADDRESS:,}"
        raise place.wrong(message, hint="No server takes longer ones: send it as a body.")
    try:
        parts = urlsplit(address) if not address.startswith("/") else _of_path(address)
        missing = not address.startswith("/") and not parts.hostname
        parts.port  # noqa: B018 - looking at it is what checks it
    except ValueError as error:
        raise place.wrong(f"'{excerpt(address)}' is no URL: {error}") from error
    if missing:
        raise place.wrong(f"'{excerpt(address)}' has no host")
    return parts


def _of_path(address: str) -> SplitResult:
    path, _, query = address.partition("#")[0].partition("?")
    return SplitResult("", "", path, query, "")


def _headers(places: list[_Place]) -> dict[str, str]:
    matches = (HEADER.fullmatch(place.text) for place in places if not place.text.startswith("@"))
    return {match.group(1).lower(): (match.group(2) or "").strip() for match in matches if match}


def _credentials(parts: SplitResult) -> dict[str, str]:
    """What an URL says of user and password before its host."""
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _body(place: _Place) -> bytes:
    """Read a body: its file is looked for beside the list, then in the working directory."""
    name = place.text[1:].strip()
    beside = place.file.parent / name
    try:
        file = Path(name) if Path(name).exists() and not beside.exists() else beside
        if file.is_fifo():
            raise UsageError(f"{file} is a pipe", hint="Name a file.")
        return whole(file, "body", LARGEST_BODY)
    except UsageError as error:
        raise place.wrong(f"the body cannot be had: {error.message}", hint=error.hint) from error
    except (OSError, ValueError) as error:
        raise place.wrong(f"'{excerpt(name)}' names no file: {error}") from error
