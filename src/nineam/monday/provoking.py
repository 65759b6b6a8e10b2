"""Hostile payloads against an application, from making them to what was found."""

import asyncio
import http
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from nineam.app.loopback import ensure_loopback
from nineam.errors import UsageError
from nineam.model import Payload, Record, RequestSpec
from nineam.model.payloads import Beside
from nineam.monday.aims import Aims, aims_of
from nineam.monday.asking import ask_once
from nineam.monday.beside_load import Burden, beside_load
from nineam.monday.provoked import provoked
from nineam.monday.setup import Setup
from nineam.payloads.aim import SAFE, Aim
from nineam.payloads.asking import Headers, Target, ask
from nineam.payloads.builtin import builtin
from nineam.payloads.found import Found
from nineam.payloads.frozen import Frozen, digest_of, freeze, thaw
from nineam.payloads.generated import generate
from nineam.payloads.order import Order
from nineam.payloads.ordinary import controls
from nineam.payloads.replay import Clock, examine, replay
from nineam.payloads.subject import Subject
from nineam.payloads.suspects import Progress
from nineam.traffic.files import whole
from nineam.traffic.openapi import parse_document

LARGEST_DOCUMENT = 64 << 20
USUAL_PLACE = "/openapi.json"
SHARE_OF_MAKING = 1 / 3
"""Of the whole time, at most so much is for schemathesis."""


class Wish(Record, frozen=True, kw_only=True):
    """What the user wants: which `methods` (small letters) are sent, `most` requests in all, how long it may take.

    `document` is a file or an address, empty for the application's own. `headers` are sent with every request and
    written down nowhere. With `replay`, a set from that file is sent; otherwise a new one is frozen in `out`. With a
    `burden` it is sent inside ordinary load, too.
    """

    methods: frozenset[str] = frozenset({"get"})
    headers: Headers = ()
    document: str = ""
    seed: int = 1
    most: int = 2_000
    seconds: float = 90.0
    timeout_s: float = 10.0
    replay: str = ""
    out: str = ".nineam"
    burden: Burden | None = None


class Provocation(Record, frozen=True, kw_only=True):
    """What was sent to which application, from which file, and what came of it. `secrets` are names of headers."""

    base_url: str
    file: str
    seed: int
    endpoints: tuple[str, ...] = ()
    origins: dict[str, int] = {}
    notices: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    found: Found = Found()
    beside: Beside | None = None


class Say(Record, frozen=True, kw_only=True):
    """Whom to tell what is being done, and how far it is."""

    what: Callable[[str], None]
    progress: Progress


async def provoke(setup: Setup, wish: Wish, scratch: Path, now: Callable[[], float], say: Say) -> Provocation:
    """Start the application (or take the one that runs), make and freeze payloads, replay them, reduce what failed.

    `now` gives seconds. Raises `ApplicationError` when the application does not start, `UsageError` for a document or
    a set that cannot be used.
    """
    thawed = thaw(Path(wish.replay)) if wish.replay else None
    async with provoked(setup, scratch) as (base_url, subject):
        say.what(f"ready at {base_url}")
        aims = aims_of(setup, await _document(setup, wish, base_url), wish.methods)
        begin = now()
        made = await _made(aims, wish, say) if thawed is None else _Made(thawed, wish.replay)
        target = Target(base_url, wish.headers, wish.timeout_s)
        scene = _Scene(target, subject, say)
        ordinary = _ordinary(made.frozen, aims.aims)
        found = await _alone(scene, made.frozen, ordinary, Clock(now, begin, wish.seconds))
        beside = None
        if wish.burden is not None:
            traffic = await _traffic(scene, setup, ordinary)
            found, beside = await _inside(scene, made.frozen, traffic, wish, found, now)
    return Provocation(
        base_url=base_url,
        file=made.file,
        seed=made.frozen.seed,
        endpoints=tuple(dict.fromkeys(payload.endpoint for payload in made.frozen.payloads)),
        origins=_origins(made.frozen.payloads),
        notices=(*aims.notices, *made.notices),
        secrets=tuple(name for name, _ in wish.headers),
        found=found,
        beside=beside,
    )


class _Scene(NamedTuple):
    """Where requests go, what is known of who is there, and whom to tell."""

    target: Target
    subject: Subject
    say: Say


class _Made(msgspec.Struct, frozen=True):
    """A set, the file it is frozen in, and what is to be said about how it was made."""

    frozen: Frozen
    file: str
    notices: tuple[str, ...] = ()


async def _made(aims: Aims, wish: Wish, say: Say) -> _Made:
    """Make a set and freeze it: the built-in one, and what schemathesis makes of the document."""
    methods = tuple(sorted({aim.method for aim in aims.aims}))
    order = Order(document=aims.document, methods=methods, seed=wish.seed, most=wish.most // 2)
    notices: tuple[str, ...] = ()
    drawn: tuple[Payload, ...] = ()
    if aims.document is not None:
        say.what("making payloads from the OpenAPI document")
        drawn, problem = await generate(order, max(5.0, wish.seconds * SHARE_OF_MAKING))
        names = {aim.name for aim in aims.aims}
        drawn = tuple(payload for payload in drawn if payload.endpoint in names)
        notices = (f"{problem}: {'only ' if not drawn else ''}the built-in set is used",) if problem else ()
    payloads = builtin(aims.aims, wish.seed, wish.most - len(drawn)) + drawn
    digest = digest_of(msgspec.json.encode(aims.aims), msgspec.json.encode(order), str(len(payloads)).encode())
    file = Path(wish.out) / f"payloads-{digest}.json"
    frozen = Frozen(seed=wish.seed, digest=digest, payloads=payloads)
    freeze(file, frozen)
    return _Made(frozen, str(file), notices)


def _ordinary(frozen: Frozen, aims: tuple[Aim, ...]) -> tuple[Payload, ...]:
    """Give the ordinary requests of the endpoints that a set is aimed at."""
    known = {payload.endpoint for payload in frozen.payloads}
    return controls(aim for aim in aims if aim.name in known)


async def _alone(scene: _Scene, frozen: Frozen, ordinary: tuple[Payload, ...], clock: Clock) -> Found:
    scene.say.what(f"sending {len(frozen.payloads)} hostile requests")
    return await replay(scene.target, frozen.payloads, ordinary, scene.subject, clock, scene.say.progress)


async def _traffic(scene: _Scene, setup: Setup, ordinary: tuple[Payload, ...]) -> tuple[RequestSpec, ...]:
    """Give the requests of the ordinary load: those that the user listed, else those that are safe and answered."""
    if setup.plan.load.requests:
        return setup.plan.load.requests
    answers = [(each, await ask(scene.target, each)) for each in ordinary if each.method in SAFE]
    return tuple(
        RequestSpec(method=each.method, path=each.target, name=each.endpoint, headers=each.headers)
        for each, answer in answers
        if 200 <= answer.status < 400
    )


async def _inside(
    scene: _Scene,
    frozen: Frozen,
    traffic: tuple[RequestSpec, ...],
    wish: Wish,
    found: Found,
    now: Callable[[], float],
) -> tuple[Found, Beside | None]:
    """Send the set inside ordinary load, and examine what failed there but not alone."""
    assert wish.burden is not None
    if not traffic:
        untold = "nothing was sent under load: no ordinary request that is safe was answered with less than 400"
        return msgspec.structs.replace(found, left_out=(*found.left_out, untold)), None
    scene.say.what(f"the same inside {wish.burden.rate:g} ordinary requests a second")
    await scene.subject.lost()
    fit = [each for each in frozen.payloads if each.endpoint not in found.broken_anyhow]
    beside, suspects = await beside_load(scene.target, traffic, fit, wish.burden, frozen.seed)
    beside = msgspec.structs.replace(beside, died=await scene.subject.lost())
    await scene.subject.revive()
    new = [each for each in suspects if each.payload.id not in found.suspects]
    return await examine(scene.target, new, scene.subject, Clock(now, now(), wish.seconds / 2), found), beside


async def own_document(setup: Setup, base_url: str) -> Any:
    """Ask a running application for its OpenAPI document; None when it has none."""
    path = setup.openapi_path or USUAL_PLACE
    answer = await asyncio.to_thread(ask_once, base_url.rstrip("/") + path)
    try:
        found = msgspec.json.decode(answer.body) if answer.status == http.HTTPStatus.OK else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("paths"), dict) and found["paths"] else None


async def _document(setup: Setup, wish: Wish, base_url: str) -> Any:
    """Read the document that the user named, or the application's own; None when it has none."""
    if not wish.document:
        return await own_document(setup, base_url)
    if "://" not in wish.document:
        path_there = Path(wish.document)
        return parse_document(whole(path_there, "OpenAPI document", LARGEST_DOCUMENT), wish.document)
    ensure_loopback(wish.document, what="--openapi")
    answer = await asyncio.to_thread(ask_once, wish.document)
    if answer.status != http.HTTPStatus.OK:
        said = f"answered {answer.status}" if answer.status else "gave no whole answer"
        raise UsageError(f"--openapi {wish.document}: {said}", hint="save it as a file and name that")
    return parse_document(answer.body, wish.document)


def _origins(payloads: tuple[Payload, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for payload in payloads:
        found[payload.origin] = found.get(payload.origin, 0) + 1
    return found
