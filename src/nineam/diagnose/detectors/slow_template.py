"""Rendering the page takes longer than finding out what is on it.

## What it is

A template that computes: loops over thousands of rows, includes in loops, filters that are slow, templates that
are parsed again for each request.

## Why it hurts

Rendering is CPU under the GIL; nothing else runs in the process meanwhile.

## How it is detected

Rendering whole templates (Jinja and Django's) is timed exclusive of the statements it causes. It fires when with
one polite user it takes at least 5 ms and 30 % of an endpoint's time, with the garbage collections of what it made.

## How to fix it

Page the list, compute in the view, cache fragments; keep the environment (Jinja) or the cached loader (Django, on
when `DEBUG` is off), so that templates are compiled once.
"""

from collections.abc import Iterator

from nineam.diagnose.found import costly_alone, found
from nineam.diagnose.picture import Picture
from nineam.model import Finding

CODE = "slow-template"
TITLE = "Rendering the template takes the time"
SMALLEST_MS = 5.0
SMALLEST_SHARE = 0.3
LAYER = "template"


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint."""
    for endpoint, alone in costly_alone(picture, LAYER, SMALLEST_MS, SMALLEST_SHARE):
        total = picture.server_ms(picture.localhost, endpoint)
        phase = picture.telling(endpoint)
        yield found(
            picture,
            phase,
            endpoint,
            picture.layer(phase, endpoint, LAYER) or alone,
            code=CODE,
            title=f"rendering takes {alone:.0f} of {total:.0f} ms with one user",
            site=picture.source("endpoint", endpoint),
            evidence={"localhost_ms": round(alone, 1), "localhost_share": round(alone / total, 2)},
            fix="page what is looped over, compute in the view, and make sure templates are compiled once",
            confidence=0.85,
        )
