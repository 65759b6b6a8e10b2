"""Something synchronous holds the event loop, and everybody else waits.

## What it is

An `async` function calls something that does not await: one that blocks (`time.sleep`, a synchronous driver, a file, a
process that is waited for), or one that computes (a password hash, a large answer). While it runs, the event loop runs
nothing else.

## Why it hurts

The endpoint itself looks no slower than it must be. Every *other* request of the process stands still for as
long as the call takes, health checks included.

## How it is detected

Every stretch that a request runs on the loop without awaiting is timed. When one lasts longer than 20 ms, the
stack is looked at while it is still running, twice where there is time for it, which gives the line. A line fires when
it was caught at least twice, at least once of these with one polite user, and when requests of its endpoint then hold
the loop for 25 ms or more on average, and are as long in the layer that the line was caught in. What is only slow under
load waits for the CPU like everybody else, and does not fire, nor does what is caught in the event loop's own reading
and writing, where nothing blocks: there the processor was with somebody else.

Whether it blocks or computes is measured: by the processor's time that the thread has had between the two looks, or
waited for (on Linux; elsewhere, and where it is neither, it just *holds* the loop). Statements, calls to other services
and waits for locks block, and hashing passwords computes, whatever that says. Who blocks has not moved between the
looks, so the innermost function is the call. Who computes is caught anywhere: what is named is the function that the
`async` line called, and the milliseconds in which other programs had the processor do not count towards the 25.

Where a library's own `async` code computes (an answer is serialized, rows become objects), the application's functions
which that calls back, thousands of times perhaps, are no line of it: nothing but they can be caught while a library is
in C. One of them is told only when it waited at both looks, and more looks found it than found none of the
application's lines. What such a library does is for `slow-serializer` and `orm-hydration` to tell.

## How to fix it

What blocks: move it off the loop (`await anyio.to_thread.run_sync(...)`, `run_in_threadpool`, `asyncio.to_thread`), use
an asynchronous library, or make the endpoint a plain `def`, which frameworks run in a thread. Hashes let go of the
interpreter, so that a thread is right for them too. What computes in Python needs the interpreter in a thread as well:
the loop gets its turn then, but to take nothing from it, let it compute less, or in another process.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from nineam.diagnose.layers import ELSEWHERE, OWN, kind
from nineam.diagnose.picture import Picture, place
from nineam.model import Finding
from nineam.store.records import Held

CODE = "blocking-call"
TITLE = "A synchronous call holds the event loop"
FEWEST = 2
SMALLEST_MS = 25.0
LOOPS_OWN = re.compile(r"\((?:.*/)?(?:selector|proactor|base)_events\.py:\d+\)$")
"""A look that caught asyncio at a socket that does not block."""
BLOCKS = ELSEWHERE | {"db_fetch", "lock_wait"}
"""Layers in which a synchronous call waits for somebody, or is somebody else's code doing so."""
HASH = "password_hash"
WAITS, COMPUTES = "waits", "computes"
VERBS = {WAITS: "blocks", COMPUTES: "computes on"}
IN_A_THREAD = (
    "run it in a thread: `await run_in_threadpool(...)` or `await asyncio.to_thread(...)`,"
    " or make the endpoint a plain `def`"
)
ELSEWHERE_OR_LESS = (
    "let it compute less, or in another process (`ProcessPoolExecutor`);"
    " a thread (`await asyncio.to_thread(...)`) frees the loop, but takes the interpreter from it"
)


def detect(picture: Picture) -> Iterator[Finding]:
    """Yield one finding per endpoint and line."""
    groups: dict[tuple[str, str], list[Held]] = {}
    nobodys: Counter[tuple[str, str]] = Counter()
    for look in picture.held():
        if not look.site:
            nobodys[look.endpoint, look.layer] += 1
        elif _is_its_own(look.layer) and not LOOPS_OWN.search(look.call):
            groups.setdefault((look.endpoint, look.site), []).append(look)
    for (endpoint, site), looks in groups.items():
        held = _held_ms(picture, endpoint, looks)
        alone = [look for look in looks if picture.localhost and look.phase == picture.localhost.id]
        found = len(looks) >= FEWEST and len(looks) > nobodys[endpoint, _most(look.layer for look in looks)]
        if alone and found and held * _had(alone) >= SMALLEST_MS:
            yield _finding(picture, endpoint, site, looks, alone, held)


def _is_its_own(layer: str) -> bool:
    """Whether a layer's time is the application's lines', to change there; a lock that holds the loop is, too."""
    return kind(layer) == OWN or layer == "lock_wait"


def _held_ms(picture: Picture, endpoint: str, looks: Iterable[Held]) -> float:
    """Return how long requests hold the loop at a line: no longer than they are in the layers that it was seen in."""
    layers = picture.layer(picture.localhost, endpoint, *{look.layer for look in looks})
    return min(picture.longest_ms(picture.localhost, endpoint), layers)


def _had(looks: Iterable[Held]) -> float:
    """Return for what part of its computing it had a processor; 1 where it waits, or nobody counted.

    The upper quartile: who loses the processor holds the loop for longer, and so is looked at more often.
    """
    parts = sorted(look.had for look in looks if look.had is not None)
    return parts[len(parts) * 3 // 4] if parts else 1.0


def _does(looks: Iterable[Held], layer: str) -> str:
    """Return whether looks found a call that waits, or code that computes; empty where they cannot tell."""
    if layer == HASH or layer in BLOCKS:
        return COMPUTES if layer == HASH else WAITS
    return _most(look.does for look in looks if look.does)


def _most(words: Iterable[str]) -> str:
    return next((word for word, _ in Counter(words).most_common(1)), "")


def _finding(picture: Picture, endpoint: str, site: str, looks: list[Held], alone: list[Held], held: float) -> Finding:
    where, function = place(site)
    phase = picture.failing
    layer = _most(look.layer for look in looks)
    # under load a thread that computes may wait for the interpreter, too
    does = _does(alone, layer) or _does(looks, layer)
    call = _most(look.call for look in looks if look.does == does) or _most(look.call for look in looks)
    now = picture.layer(phase, endpoint, layer)
    return Finding(
        code=CODE,
        title=f"{call.partition(' (')[0]} {VERBS.get(does, 'holds')} the event loop for {held:.0f} ms",
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
            "call": call,
            "while_held": f"it {does}" if does else "cannot tell whether it waits or computes",
            "others_wait_ms": _victims(picture, endpoint),
        },
        fix=ELSEWHERE_OR_LESS if does == COMPUTES and layer != HASH else IN_A_THREAD,
        confidence=0.9,
        kind="measured",
    )


def _victims(picture: Picture, endpoint: str) -> dict[str, float]:
    phase = picture.failing
    waits = {
        name: round(picture.layer(phase, name, "loop_lag", "server_wait"), 1)
        for name in picture.seen(phase)
        if name != endpoint
    }
    return dict(sorted(waits.items(), key=lambda item: -item[1])[:4])
