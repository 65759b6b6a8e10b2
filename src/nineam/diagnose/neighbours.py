"""Whether other programs took the processor from the application while it was measured."""

from nineam.diagnose.picture import Picture

SMALLEST_SHARE = 0.3
SMALLEST_RATE = 0.05
"""Seconds a second: an application that hardly computes is late by little, whatever part of its time that is."""


def neighbours(picture: Picture) -> tuple[str, ...]:
    """Say how long the application waited for a processor with one polite user; nothing when that was little.

    One request at a time fills one processor at most, be it with the application or with its database: what is ready
    and has to wait, waits for somebody else's program. Under load it may wait for its own, which says nothing.
    """
    computed = picture.gauge_rate(picture.localhost, "app.cpu_s")
    waited = picture.gauge_rate(picture.localhost, "app.run_delay_s")
    if computed is None or waited is None or waited < SMALLEST_RATE:
        return ()
    share = waited / (waited + computed)
    if share < SMALLEST_SHARE:
        return ()
    return (
        f"With one polite user already the application waited for a processor for {share:.0%} of the time in which it"
        " had something to compute: other programs keep this machine busy, and its times are longer than in quiet."
        " Run again when they have ended.",
    )
