"""Answers are larger than anybody reads.

## What it is

An endpoint that answers with everything there is: a list without pages, every field of every object, images inside
JSON.

## Why it hurts

All of it is read from the database, built, serialized, sent, received and parsed, for every request; on a phone the
way there takes longer than all the rest. It grows with the data, so it was small when it was written.

## How it is detected

The bytes of each answer are counted as they come, compressed where they are. It fires when with one polite user an
endpoint's answers have 300 kB or more on average, and making them (rows fetched, objects built, serializer, template,
renderer) takes at least 10 ms and a tenth of its time. Files that are only passed on, however large, do not fire, nor
does what compression makes small.

## How to fix it

Pages of a bounded size, the fields that are shown and no more, links instead of contents; then compression, in the
application or in front of it. What is really wanted whole can be streamed, or kept ready-made.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding

CODE = "large-payload"
TITLE = "Answers are larger than anybody reads"
SMALLEST_BYTES = 300_000
SMALLEST_MS = 10.0
SMALLEST_SHARE = 0.1
MAKING = ("db_fetch", "hydration", "serializer", "template", "renderer")


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint."""
    alone = picture.localhost
    for endpoint, size in _sizes(picture).items():
        making = picture.layer(alone, endpoint, *MAKING)
        if size >= SMALLEST_BYTES and making >= max(SMALLEST_MS, SMALLEST_SHARE * picture.server_ms(alone, endpoint)):
            yield _finding(picture, endpoint, size, making)


def _sizes(picture: Picture) -> dict[str, float]:
    """Mean bytes of an answer with one polite user, by route template."""
    bytes_of: dict[str, int] = {}
    answers: dict[str, int] = {}
    for name, stats in picture.judged(picture.localhost).items():
        endpoint = picture.template(name)
        bytes_of[endpoint] = bytes_of.get(endpoint, 0) + stats.received
        answers[endpoint] = answers.get(endpoint, 0) + stats.requests
    return {endpoint: received / answers[endpoint] for endpoint, received in bytes_of.items() if answers[endpoint]}


def _finding(picture: Picture, endpoint: str, size: float, making: float) -> Finding:
    phase = picture.telling(endpoint)
    spots = picture.spots(picture.localhost, endpoint, "serializer")
    site = max(spots, key=lambda spot: spot.ns).site if spots else ""
    return found(
        picture,
        phase,
        endpoint,
        picture.layer(phase, endpoint, *MAKING, "response"),
        code=CODE,
        title=f"answers have {size / 1000:.0f} kB, which take {making:.0f} ms to make with one user",
        site=site or picture.source("endpoint", endpoint),
        evidence={"kilobytes": round(size / 1000, 1), "making_ms": round(making, 1)},
        fix="answer in pages of a bounded size, with the fields that are shown; then compress",
        confidence=0.8,
    )
