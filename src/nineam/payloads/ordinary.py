"""The ordinary request of each endpoint: what hostile ones are compared with."""

from collections.abc import Iterable

from nineam.model import Chunk, Payload
from nineam.model.payload import WITH_BODY
from nineam.payloads.aim import Aim


def controls(aims: Iterable[Aim]) -> tuple[Payload, ...]:
    """Give one request for each endpoint, with nothing wrong in it; none where nobody knows what its body is like."""
    return tuple(
        Payload(
            id=f"ordinary-{number}",
            endpoint=aim.name,
            part="path",
            what="ordinary",
            method=aim.method,
            path=aim.path,
            query=tuple(f"{name}={value}" for name, value in aim.query),
            headers=aim.headers,
            body=(Chunk(aim.body),) if aim.body else (),
        )
        for number, aim in enumerate(aims, 1)
        if aim.body or aim.method not in WITH_BODY
    )
