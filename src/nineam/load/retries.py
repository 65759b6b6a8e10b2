"""Which requests may be sent a second time, after the server closed a connection that was in use before."""

from nineam.load.response import Response

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
KEYS = ("idempotency-key", "x-idempotency-key")
SOON_NS = 100_000_000  # for the news that a connection is closed; a worker that dies later has had the request


def may_repeat(response: Response, now_ns: int) -> bool:
    """Say whether a request whose connection is closed by now may go out again.

    Nothing of it was written; or the end came soon and without a byte of an answer, and the request is safe or carries
    an idempotency key.
    """
    if response.retried or response.first_ns:
        return False
    if not response.bytes_sent:
        return True
    return now_ns - response.sent_ns < SOON_NS and _is_repeatable(response)


def _is_repeatable(response: Response) -> bool:
    outgoing = response.outgoing
    if outgoing.upload is not None and not outgoing.upload.again:
        return False
    marked = any(key in outgoing.headers for key in KEYS) or b"idempotency-key:" in response.extra.lower()
    return outgoing.method in REPEATABLE or marked
