"""The application runs in debug mode.

## What it is

Django's `DEBUG = True`, Flask's `debug`, FastAPI's or Starlette's `debug=True`, while it is measured.

## Why it hurts

Django keeps every statement of a request in memory, templates are compiled anew in older versions, error pages
show source and settings to whoever makes one. What is measured is not what will run on Monday.

## How it is detected

The application is asked, in its own interpreter, before it is started.

## How to fix it

Turn it off where it is measured and served: `DEBUG = False`, `FLASK_DEBUG=0`, `debug=False`; read it from the
environment.
"""

from collections.abc import Iterator

from nineam.diagnose.found import found
from nineam.diagnose.picture import Picture
from nineam.model import Finding

CODE = "debug-mode"
TITLE = "The application runs in debug mode"
SWITCHES = {"django": "DEBUG = True", "flask": "debug=True", "fastapi": "debug=True", "starlette": "debug=True"}


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield at most one finding."""
    target = picture.run.meta.get("target", {})
    if target.get("debug") != "on":
        return
    framework = str(target.get("framework", ""))
    phase = picture.failing
    counts = {name: picture.requests(phase, name) for name in picture.users_endpoints(phase)}
    yield found(
        picture,
        phase,
        max(counts, key=lambda name: counts[name], default=""),
        0.0,
        code=CODE,
        title=f"measured with {SWITCHES.get(framework, 'debug on')}",
        site="",
        evidence={"framework": framework},
        fix="turn debug off and measure again: what was measured is not what will run",
        confidence=1.0,
    )
