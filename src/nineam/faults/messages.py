"""What the controller and the proxy process say to each other: lines of JSON."""

from typing import Any, Literal

from nineam.model.fault import Upstream, UpstreamCount
from nineam.model.record import Record

LONGEST_LINE = 2**24
SOCKET = "faults.sock"
"""The control socket, in the directory of the plan."""


class ProxyPlan(Record, frozen=True, kw_only=True):
    """The one line on the proxy's standard input, which stays open as long as the controller lives.

    `parent` is the controller's pid.
    """

    token: str
    parent: int
    upstreams: tuple[Upstream, ...]
    allowed: tuple[str, ...] = ()
    seed: int = 1


class Request(Record, frozen=True, kw_only=True):
    """A line on the control socket; the first one has to carry the `token`. No `upstream` means all of them."""

    do: Literal["hello", "apply", "heal", "counts", "stop"]
    token: str = ""
    upstream: str = ""
    fault: str = ""
    parameters: dict[str, Any] = {}


class Reply(Record, frozen=True, kw_only=True):
    """The answer to a request, when it is done; the proxy's first line on its standard output too.

    That one has the `ports`, and the `directory` of the control socket, which is removed when the proxy ends.
    A `message` is an error with an exit code, its `details` and `hint`.
    """

    message: str = ""
    details: tuple[str, ...] = ()
    hint: str = ""
    exit_code: int = 0
    ports: dict[str, int] = {}
    directory: str = ""
    counts: tuple[UpstreamCount, ...] = ()
