"""Something synchronous holds the event loop, and everybody else waits.

## What it is

An `async` function calls something that does not await: a password hash, `time.sleep`, a synchronous driver, a
large computation. While it runs, the event loop runs nothing else.

## Why it hurts

The endpoint itself looks no slower than it must be. Every *other* request of the process stands still for as
long as the call takes, health checks included.

## How it is detected

Every stretch that a request runs on the loop without awaiting is timed. When one lasts longer than 20 ms, the
stack is looked at while it is still running, which gives the line. A line fires when it was caught at least twice,
at least once of these with one polite user, and when requests of its endpoint then hold the loop for 25 ms or more
on average. What is only slow under load waits for the CPU like everybody else, and does not fire, nor does what is
caught in the event loop's own reading and writing, where nothing blocks: there the processor was with somebody else.

## How to fix it

Move the call off the loop: `await anyio.to_thread.run_sync(...)`, `run_in_threadpool`, `asyncio.to_thread`, or an
asynchronous library; or make the endpoint a plain `def`, which frameworks run in a thread.
"""

import re
from collections.abc import Iterator

from nineam.diagnose.layers import OWN, kind
from nineam.diagnose.picture import Picture, place
from nineam.model import Finding
from nineam.store.records import Held

CODE = "blocking-call"
TITLE = "A synchronous call holds the event loop"
FEWEST = 2
SMALLEST_MS = 25.0
LOOPS_OWN = re.compile(r"\((?:.*/)?(?:selector|proactor|base)_events\.py:\d+\)$")
"""A look that caught asyncio at a socket that does not block."""


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and line."""
    groups: dict[tuple[str, str], list[Held]] = {}
    for look in picture.held():
        if look.site and _is_its_own(look.layer) and not LOOPS_OWN.search(look.call):
            groups.setdefault((look.endpoint, look.site), []).append(look)
    for (endpoint, site), looks in groups.items():
        held = picture.longest_ms(picture.localhost, endpoint)
        alone = any(picture.localhost and look.phase == picture.localhost.id for look in looks)
        if alone and len(looks) >= FEWEST and held >= SMALLEST_MS:
            yield _finding(picture, endpoint, site, looks, held)


def _is_its_own(layer: str) -> bool:
    """Whether a layer's time is the application's lines', to change there; a lock that holds the loop is, too."""
    return kind(layer) == OWN or layer == "lock_wait"


def _finding(picture: Picture, endpoint: str, site: str, looks: list[Held], held: float) -> Finding:
    where, function = place(site)
    phase = picture.failing
    victims = {
        name: round(picture.layer(phase, name, "loop_lag", "server_wait"), 1)
        for name in picture.seen(phase)
        if name != endpoint
    }
    now = picture.layer(phase, endpoint, looks[0].layer)
    return Finding(
        code=CODE,
        title=f"{looks[0].call.partition(' (')[0]} holds the event loop for {held:.0f} ms",
        endpoint=endpoint,
        where=where,
        function=function,
        statement=looks[0].line,
        relationship="",
        share=picture.share(phase, endpoint, now),
        ms_per_request=now,
        evidence={
            "held_ms": round(held, 1),
            "times_seen": len(looks),
            "call": looks[0].call,
            "others_wait_ms": dict(sorted(victims.items(), key=lambda item: -item[1])[:4]),
        },
        fix="run it in a thread: `await run_in_threadpool(...)` or `await asyncio.to_thread(...)`,"
        " or make the endpoint a plain `def`",
        confidence=0.9,
        kind="measured",
    )
