"""Requests that a locustfile made in its own way and reports by `events.request.fire`."""

import time
from typing import Any

from nineam.load.outgoing import Outgoing
from nineam.load.response import Response

DONE = 200
LONGEST_REASON = 200


def answer_to(told: dict[str, Any]) -> Response:
    """Make an answer out of what the file tells, so that it counts like any other; times are milliseconds."""
    method, name = str(told.get("request_type") or "-"), str(told.get("name") or "-")
    outgoing = Outgoing(method, name, name, f"{method} {name}", {}, b"", b"")
    end_ns = time.perf_counter_ns()
    began_ns = end_ns - round(float(told.get("response_time") or 0) * 1e6)
    response = Response(outgoing, began_ns, began_ns, end_ns, _nobody)
    response.sent_ns, response.first_ns, response.end_ns = began_ns, end_ns, end_ns
    response.bytes_received = int(told.get("response_length") or 0)
    exception = told.get("exception")
    if exception is None:
        response.status = DONE
    else:
        response.error = (str(exception).partition("\n")[0] or type(exception).__name__)[:LONGEST_REASON]
    return response


def _nobody(_: Response) -> None:
    pass
