"""Sends a set at a steady pace beside whatever else the application is doing: hostile payloads under load."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

from nineam.model import Payload
from nineam.payloads.asking import Answer, Target, ask
from nineam.payloads.suspects import TOO_MANY, Sent, Suspect

MOST_AT_ONCE = 50


class Pace(NamedTuple):
    """How a set is sent beside other load: `rate` requests a second, for as long as it is `going`."""

    rate: float
    going: Callable[[], bool]


async def alongside(target: Target, payloads: Sequence[Payload], pace: Pace) -> Sent:
    """Send the set in turn, again and again, for as long as it is going.

    What is under way then is awaited. A payload that failed several times is one suspect; `examine` confirms them.
    """
    suspects: dict[str, Suspect] = {}
    under_way: set[asyncio.Task[None]] = set()
    sent = turned_away = 0

    async def one(payload: Payload) -> None:
        nonlocal turned_away
        answer: Answer = await ask(target, payload)
        turned_away += answer.status == TOO_MANY
        if answer.failed(payload):
            suspects.setdefault(payload.id, Suspect(payload, answer, under_load=True))

    for payload in itertools.cycle(payloads):
        if not pace.going():
            break
        if len(under_way) < MOST_AT_ONCE:
            task = asyncio.create_task(one(payload))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            sent += 1
        await asyncio.sleep(1 / pace.rate)
    await asyncio.gather(*under_way)
    return Sent(sent, tuple(suspects.values()), "", turned_away)
