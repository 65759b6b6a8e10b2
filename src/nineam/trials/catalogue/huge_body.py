"""Bodies that no ordinary user sends: far too large, without an end, compressed, nested."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from nineam.model.payload import WITH_BODY
from nineam.model.trial import Dependency
from nineam.payloads.aim import Aim
from nineam.trials.advice import swallows
from nineam.trials.bodies import MEGABYTE, Body, Place, Poured, bodies, pour, too_large
from nineam.trials.lab import Lab, Session
from nineam.trials.memory import Highest, available, resident
from nineam.trials.trial import Measured, NotApplicableError, NotRunError, Trial
from nineam.trials.window import Window, answered

LARGEST, SMALLEST = 192 * MEGABYTE, 32 * MEGABYTE
SHARE_OF_MEMORY = 16
"""Of what this machine has left a body is no larger than such a part."""
MOST_TAKEN = 0.5
"""The share of a body that may be in memory: who takes half of anything has no limit."""
LEAVE_ALONE = 4
"""Nothing more is sent when the machine has less than so many bodies left, or when the application holds as many."""
ENDPOINTS, WITHOUT = 3, 1
LEAST_SUCCESS = 0.99
SETTLES_S = 1.5
NOT_LET_IN = (401, 403, 404, 405, 429)


class _Taken(NamedTuple):
    """A body that was sent, by how many bytes the application grew with it, and by how many since before all of them.

    What an allocator keeps is in the second one only, and does not come back for the next body.
    """

    poured: Poured
    own: float
    grown: float


async def run(lab: Lab, _: Dependency | None) -> Measured:
    """Send one body after the other, and watch the memory of the application and how its ordinary users fare."""
    expecting, others = endpoints(lab)
    size = size_of_bodies()
    planned = await asyncio.to_thread(pairs, lab, expecting, others, size)
    async with lab.session() as session:
        control = await session.control()
        workers = session.app.living()
        calm, began = resident(session.app.tree()), session.now()
        taken = [await _one(session, place, body, size, calm) for place, body in planned if not session.died()]
        if not taken:
            raise NotRunError(f"it ended before anything was sent ({session.died()})")
        await session.wait(SETTLES_S)
        seen = answered(session.player.between(began, session.now() - SETTLES_S), lab.pace.patience_s)
        kept = resident(session.app.tree()) - calm
        lost = bool(workers - session.app.living())
        return _measured(lab, taken, _Beside(control, seen, kept, size, lost), session.proof())


class _Beside(NamedTuple):
    """Ordinary requests before and meanwhile, bytes that were still held afterwards, and whether a process ended."""

    control: Window
    seen: Window
    kept: float
    size: int
    lost: bool


def endpoints(lab: Lab) -> tuple[list[Aim], list[Aim]]:
    """Choose endpoints that expect a body, and others. Raises NotApplicableError and NotRunError."""
    expecting = [each for each in lab.aims if each.method in WITH_BODY]
    unasked = [name for name in lab.unasked if name.partition(" ")[0] in WITH_BODY]
    if not expecting and unasked:
        raise NotRunError(
            f"{unasked[0]} takes a body, and only what is asked for gets one: --methods get,post or --urls FILE "
            "(with a database that you can do without)"
        )
    if not expecting:
        raise NotApplicableError("nothing of it is known to take a body")
    return expecting[:ENDPOINTS], [each for each in lab.aims if each.method not in WITH_BODY][:WITHOUT]


def size_of_bodies() -> int:
    """Choose the size of a body by what this machine has left. Raises NotRunError."""
    size = min(LARGEST, int(available()) // SHARE_OF_MEMORY)
    if size < SMALLEST:
        raise NotRunError(f"this machine has {available() / MEGABYTE:.0f} MB of memory left, too little to tell")
    return size


def pairs(lab: Lab, expecting: Sequence[Aim], others: Sequence[Aim], size: int) -> list[tuple[Place, Body]]:
    """Say what is sent where: one body that is large where none is expected, then all of them where one is."""
    own = {each.name: each.headers for each in lab.requests}  # a login is among them, and is written down nowhere
    chosen = [(each, (too_large(size),)) for each in others] + [(each, bodies(size)) for each in expecting]
    return [
        (Place(aim.name, aim.method, _target(aim), own.get(aim.name, aim.headers)), body)
        for aim, sent in chosen
        for body in sent
    ]


def _target(aim: Aim) -> str:
    query = "&".join(f"{name}={value}" for name, value in aim.query)
    return f"{aim.path}?{query}" if query else aim.path


async def _one(session: Session, place: Place, body: Body, size: int, calm: float) -> _Taken:
    def held() -> float:
        return resident(session.app.tree())

    before = await asyncio.to_thread(held)
    async with Highest(held) as highest:

        def enough() -> bool:
            return highest.bytes - calm > LEAVE_ALONE * size or available() < LEAVE_ALONE * size

        poured = await pour(session.lab.base_url, place, body, enough)
    return _Taken(poured, max(0.0, highest.bytes - before), max(0.0, highest.bytes - calm))


def _measured(lab: Lab, taken: Sequence[_Taken], beside: _Beside, proof: dict[str, object]) -> Measured:
    worst = max(taken, key=lambda each: each.own).poured
    grown, size = max(each.grown for each in taken) / MEGABYTE, beside.size / MEGABYTE
    served = beside.seen.success >= min(LEAST_SUCCESS, beside.control.success - (1 - LEAST_SUCCESS))
    holds: bool | None = grown <= MOST_TAKEN * size and served and not beside.lost
    harm = _harm(grows=grown > MOST_TAKEN * size, lost=beside.lost)
    cause, fix = swallows(worst.place, worst.what, lab.subject.framework, harm)
    came = "a process of it ended" if beside.lost else f"memory rose by {grown:.0f} MB"
    at, left = f"{worst.place}, {worst.what}", f"{beside.kept / MEGABYTE:+.0f} MB after all of them"
    sentence = f"{came} ({at}), {left}; {beside.seen.success:.0%} of the ordinary requests are served"
    refused = [each.poured for each in taken if each.poured.status in NOT_LET_IN]
    if holds and len(refused) == len([each for each in taken if each.poured.place in _expecting(lab)]):
        holds, sentence = None, f"no body got in: {refused[0].place} answers {refused[0].status}; {sentence}"
    return Measured(
        holds=holds,
        sentence=sentence,
        value=round(grown, 1),
        threshold=round(MOST_TAKEN * size, 1),
        unit=f"MB more for bodies of {size:.0f} MB",
        fault_proof={"fault": "huge bodies", "times": sum(each.poured.sent > 0 for each in taken)},
        generator_proof=proof,
        evidence={
            "control_success": round(beside.control.success, 3),
            "success_meanwhile": round(beside.seen.success, 3),
            "p95_ms_before": round(beside.control.p95_ms, 1),
            "p95_ms_meanwhile": round(beside.seen.p95_ms, 1),
            "mb_more_afterwards": round(beside.kept / MEGABYTE, 1),
            "bodies": [_shown(each) for each in taken],
        },
        cause=cause,
        fix=fix,
        left_out=_left_out(lab),
    )


def _harm(*, grows: bool, lost: bool) -> str:
    """Say what a body does."""
    if lost:
        return "ends a process"
    return "reads the whole body into memory before anybody asks how long it is" if grows else "keeps others waiting"


def _expecting(lab: Lab) -> frozenset[str]:
    return frozenset(each.name for each in lab.aims if each.method in WITH_BODY)


def _shown(taken: _Taken) -> dict[str, object]:
    poured = taken.poured
    return {
        "endpoint": poured.place,
        "what": poured.what,
        "mb_sent": round(poured.sent / MEGABYTE, 1),
        "answer": str(poured.status or "none"),
        "mb_more": round(taken.own / MEGABYTE, 1),
    }


def _left_out(lab: Lab) -> tuple[str, ...]:
    names = [each.name for each in lab.aims if each.method in WITH_BODY][ENDPOINTS:]
    more = (f"{', '.join(names)}: {ENDPOINTS} endpoints are enough for one sitting",) if names else ()
    return (*more, *lab.unsent(WITH_BODY))


TRIAL = Trial(
    name="huge-body",
    title="A body of any size is refused, not swallowed",
    what=f"Bodies of up to {LARGEST // MEGABYTE} MB (less where memory is short), one at a time: in one piece, in "
    "chunks, compressed to some kilobytes; a length of 8 GB with next to nothing behind it; lists in lists. What is "
    "merely long stops one byte before its end, so that no such request is ever complete.",
    why="It takes one line of shell to send a gigabyte. What is read before anybody asks how long it is ends with the "
    "kernel ending the process, and everybody on it.",
    inject="Up to three endpoints that take a body, with `--methods` or `--urls`; one that takes none.",
    measure="How far the memory of all its processes rises; what each body is answered; how ordinary requests fare.",
    gate=f"It never rises by more than {MOST_TAKEN:.0%} of a body, no process ends, {LEAST_SUCCESS:.0%} of the "
    "ordinary requests are served.",
    evidence="Of each body how much was taken, the status, and the memory.",
    causes=(
        "Starlette and FastAPI: `await request.body()`, `request.json()` and body parameters without `max_body_size`",
        "Flask: `get_data()`, `get_json()` without `MAX_CONTENT_LENGTH`",
        "a middleware that reads the body to log it, or one that unpacks it and counts only what arrives",
        "a limit that looks at `Content-Length` and knows nothing of chunks",
    ),
    role="",
    run=run,
    usual=False,
    seconds=22.0,
)
