"""What is sent: single requests, recorded journeys, operations of an OpenAPI document; by what kinds of clients."""

import json
from typing import Any, Literal
from urllib.parse import quote

from nineam.model.record import Record

MOST_WEIGHT = 1e9
"""Far from where sums of weights would lose the small ones."""


class RequestSpec(Record, frozen=True, kw_only=True):
    """One kind of request. `name` is the endpoint it counts under; a 4xx is no failure when it `may_be_refused`."""

    method: str
    path: str
    name: str
    weight: float = 1.0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    may_be_refused: bool = False


class Step(Record, frozen=True, kw_only=True):
    """One request of a recorded journey; the user thinks `think_s` before it."""

    request: RequestSpec
    think_s: float = 0.0


class Recording(Record, frozen=True, kw_only=True):
    """A journey that somebody once made (a HAR file), to be made again by every user.

    `origin` is where it was recorded; `Origin` and `Referer` that name it come to name the target instead.
    """

    name: str
    origin: str = ""
    steps: tuple[Step, ...]
    weight: float = 1.0


class Drawn(Record, frozen=True, kw_only=True):
    """The value at `index` of an entry of a pool: `/users/{}/orders/{}` holds pairs of a user and an order."""

    pool: str
    index: int = 0


class Hole(Record, frozen=True, kw_only=True):
    """A place in a request that is filled anew each time.

    With a value of the first of `sources` that has any, else with one of `choices` (encoded already), else with a
    number that was never used before, in so many hexadecimal `digits`.
    """

    sources: tuple[Drawn, ...] = ()
    choices: tuple[str, ...] = ()
    digits: int = 10
    encode: Literal["url", "json", "header"] = "url"

    def encoded(self, value: Any) -> str:
        """`value` as it stands in this place."""
        if self.encode == "json":
            return _as_json(value)
        text = value if isinstance(value, str) else _as_json(value)
        return quote(text, safe="") if self.encode == "url" else "".join(filter(str.isprintable, text))


def _as_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


Template = tuple[str | Hole, ...]


class Harvest(Record, frozen=True, kw_only=True):
    """What an answer is good for: its ids go into `pool`.

    Items are those of the answer's list (or the answer itself, when it is `one`); the first of `fields` that an
    item has is the id, and behind the first `keeps` path values of the request it becomes an entry. `noun` is what
    the list may be called. `values` (of OpenAPI links) are runtime expressions instead, one for each value of the
    entry, in which path parameters have numbers.
    """

    pool: str
    fields: tuple[str, ...] = ()
    noun: str = ""
    one: bool = False
    keeps: int = 0
    values: tuple[str, ...] = ()


class Operation(Record, frozen=True, kw_only=True):
    """One operation of an OpenAPI document: a request with holes in it, and what its answers are good for.

    `prefix` is the path of the document's server, which stands before `path` unless the base address ends with it.
    """

    method: str
    path: Template
    name: str
    prefix: str = ""
    headers: tuple[tuple[str, Template], ...] = ()
    body: Template = ()
    harvests: tuple[Harvest, ...] = ()
    weight: float = 1.0


class HttpOptions(Record, frozen=True, kw_only=True):
    """How requests travel. Names follow k6's options; timeouts are seconds, 0 for the plan's."""

    insecure_skip_tls_verify: bool = False
    no_connection_reuse: bool = False
    http2: bool = False
    proxy: str = ""
    connect_timeout_s: float = 0.0
    read_timeout_s: float = 0.0


CLIENT_PROFILES = ("slow-reader", "slow-sender", "slow", "mobile", "4g", "3g", "hang-up", "hostile")
"""Kinds of clients that are unlike the others; what they do is in `nineam.load.profiles`."""


class ClientShare(Record, frozen=True, kw_only=True):
    """So many clients of a kind: `count` users, or (when it is 0) the `share` of all of them, between 0 and 1."""

    profile: str
    count: int = 0
    share: float = 0.0
