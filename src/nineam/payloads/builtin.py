"""The built-in set: hostile requests for any application, a pure function of what it is asked and of the seed."""

from collections.abc import Iterable, Iterator
from random import Random

import msgspec

from nineam.model import Chunk, Payload
from nineam.payloads.aim import Aim
from nineam.payloads.kinds import KINDS, Wrong

MOST = 2_000
"""Requests in a set, unless somebody wants another number."""


def builtin(aims: Iterable[Aim], seed: int, most: int = MOST) -> tuple[Payload, ...]:
    """Make at most `most` hostile requests; of more, the seed chooses, so that every endpoint and part has its share.

    The same aims and seed always give the same requests, in the same order. None is larger than 1.1 MB.
    """
    groups = [[_payload(aim, wrong) for wrong in kind(aim)] for aim in aims for kind in KINDS]
    choice = Random(f"{seed}/payloads")  # noqa: S311 - which requests are sent, no secrets
    chosen = _dealt([choice.sample(group, len(group)) for group in groups if group], most)
    return tuple(numbered(chosen))


def numbered(payloads: Iterable[Payload], first: int = 1) -> Iterator[Payload]:
    """Give each its number."""
    for number, payload in enumerate(payloads, first):
        yield msgspec.structs.replace(payload, id=f"{number:04d}")


def _dealt(groups: list[list[Payload]], most: int) -> list[Payload]:
    """Take one of each group in turn until there are enough; then those of a group stand together again."""
    taken = [0] * len(groups)
    left = min(most, sum(map(len, groups)))
    while left > 0:
        for index, group in enumerate(groups):
            if taken[index] < len(group) and left > 0:
                taken[index] += 1
                left -= 1
    return [payload for count, group in zip(taken, groups, strict=True) for payload in group[:count]]


def _payload(aim: Aim, wrong: Wrong) -> Payload:
    replaced = {name for name, _ in wrong.headers}
    ordinary = tuple(line for line in aim.headers if line[0] not in replaced)
    body = (Chunk(aim.body),) if aim.body else ()
    return Payload(
        id="",
        endpoint=aim.name,
        part=wrong.part,
        what=wrong.what,
        method=wrong.method or aim.method,
        path="/" + "/".join(aim.segments if wrong.segments is None else wrong.segments),
        query=tuple(f"{name}={value}" for name, value in aim.query) if wrong.query is None else wrong.query,
        headers=ordinary + wrong.headers,
        body=body if wrong.body is None else wrong.body,
        also=wrong.also,
        may_close=wrong.may_close,
        ends=wrong.ends,
    )
