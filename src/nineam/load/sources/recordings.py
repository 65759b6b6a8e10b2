"""Recorded journeys, made again step by step by users with cookies and connections of their own."""

from collections.abc import Sequence
from typing import Any

import msgspec

from nineam.load.http import Client
from nineam.load.outgoing import Outgoing
from nineam.load.roles import Surroundings
from nineam.load.sources.requests import outgoing
from nineam.load.sources.source import Source
from nineam.load.users import User
from nineam.model import LoadPlan, Recording, RequestSpec
from nineam.script import Journey, JourneyFunction

NAMES_THE_ORIGIN = ("origin", "referer")


def open_source(plan: LoadPlan, surroundings: Surroundings) -> Source | None:
    """Open the plan's `recordings`. Raises `UsageError` for a request in them that cannot be sent."""
    if not plan.recordings:
        return None
    journeys = tuple(_journey(recording, surroundings.client) for recording in plan.recordings)
    return Source(
        items=journeys,
        names=tuple(journey.name for journey in journeys),
        weights=tuple(journey.weight for journey in journeys),
        user=lambda number, around: User(around, number),
    )


def _journey(recording: Recording, client: Client) -> Journey:
    steps = [(step.think_s, _at_target(step.request, recording.origin, client)) for step in recording.steps]
    return Journey(recording.name, _replaying(steps), recording.weight, None, None, "")


def _at_target(spec: RequestSpec, origin: str, client: Client) -> Outgoing:
    """Build a request as if it had been recorded at the target: applications compare `Origin` with their own host."""
    headers = tuple((name, _moved(name, value, origin, client.target.origin)) for name, value in spec.headers)
    return outgoing(msgspec.structs.replace(spec, headers=headers), client)


def _moved(name: str, value: str, origin: str, target: str) -> str:
    if not origin or name not in NAMES_THE_ORIGIN or not (value == origin or value.startswith(f"{origin}/")):
        return value
    return target + value[len(origin) :]


def _replaying(steps: Sequence[tuple[float, Outgoing]]) -> JourneyFunction:
    async def replay(user: Any) -> None:
        for think_s, request in steps:
            if think_s:
                await user.think(think_s)
            await user.send(request)

    return replay
