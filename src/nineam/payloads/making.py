"""Makes payloads from an OpenAPI document with schemathesis: a process of its own, because that is heavy.

`python -m nineam.payloads.making` reads an `Order` on its standard input and writes one `Payload` a line.
"""

import contextlib
import itertools
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from nineam.endpoints import shortened
from nineam.model import Chunk, Payload
from nineam.model.payload import Part
from nineam.payloads.aim import SECRET
from nineam.payloads.frozen import is_unfit
from nineam.payloads.order import Order
from nineam.visible import visible

BASE = "http://127.0.0.1:1"
OURS = {
    "user-agent", "accept", "accept-encoding", "connection", "content-length", "host", "x-schemathesis-testcaseid",
}  # fmt: skip
TRANSPORTED = ("method", "url", "headers", "data", "json", "params", "files")
LARGEST = 200_000
PARTS: dict[str, Part] = {"path": "path", "query": "query", "body": "body", "header": "head", "cookie": "head"}


def main() -> None:
    """Read the order and carry it out."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    made = (payload for payload in _all(order) if payload is not None and payload.method in order.methods)
    for number, payload in enumerate(itertools.islice(_different(made), order.most), 1):
        named = msgspec.structs.replace(payload, id=f"s{number:04d}")
        sys.stdout.buffer.write(msgspec.json.encode(named) + b"\n")
        sys.stdout.buffer.flush()


def _all(order: Order) -> Iterator[Payload | None]:
    """Take cases of all operations in turn, so that a limit cuts all of them short alike."""
    import schemathesis  # noqa: PLC0415 - an extra, and heavy
    from schemathesis.config import SchemathesisConfig  # noqa: PLC0415
    from schemathesis.core.result import Ok  # noqa: PLC0415

    schema = schemathesis.openapi.from_dict(order.document, config=SchemathesisConfig.from_dict({}))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    asked = [each for each in operations if each.method.upper() in order.methods]
    streams = [_cases(schema, operation, order) for operation in asked]
    while streams:
        for stream in list(streams):
            case = next(stream, None)
            if case is None:
                streams.remove(stream)
            else:
                yield _payload(case)


def _cases(schema: Any, operation: Any, order: Order) -> Iterator[Any]:
    """Give the systematic cases, then random ones. What schemathesis cannot do for an operation it goes without."""
    from schemathesis import GenerationMode  # noqa: PLC0415 - an extra

    with contextlib.suppress(Exception):
        yield from schema.iter_coverage_cases(
            operation, generation_modes=list(GenerationMode), generation_config=schema.config.generation
        )
    for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE):
        yield from _random(operation, mode, order)


def _random(operation: Any, mode: Any, order: Order) -> list[Any]:
    from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: PLC0415 - comes with schemathesis

    bucket: list[Any] = []

    @settings(
        max_examples=order.random,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(order.seed)
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        bucket.append(case)

    with contextlib.suppress(Exception):  # an operation without wrong values is unsatisfiable
        collect()
    return bucket


def _payload(case: Any) -> Payload | None:
    """Turn a case into what goes over the wire; None for what cannot be sent, or would hide another request."""
    import requests  # noqa: PLC0415 - comes with schemathesis

    try:
        given = {key: value for key, value in case.as_transport_kwargs(base_url=BASE).items() if key in TRANSPORTED}
        ready = requests.Request(**given).prepare()
        body = ready.body.encode() if isinstance(ready.body, str) else ready.body or b""
        parts = urlsplit(_text(ready.url or BASE))
        headers = tuple((_text(name).lower(), _text(value)) for name, value in ready.headers.items())
    except Exception:  # noqa: BLE001 - whatever hinders it: such a request cannot be sent
        return None
    if not isinstance(body, bytes) or len(body) > LARGEST:
        return None
    part, what = _wrong(case)
    payload = Payload(
        id="",
        endpoint=shortened(visible(f"{case.operation.method.upper()} {case.operation.path}")),
        part=part,
        what=what,
        method=str(ready.method),
        path=parts.path or "/",
        query=tuple(piece for piece in parts.query.split("&") if piece),
        headers=tuple(line for line in headers if line[0] not in OURS and not SECRET.search(line[0])),
        body=(Chunk(body),) if body else (),
        origin="schemathesis",
    )
    return None if is_unfit(payload) else payload


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _wrong(case: Any) -> tuple[Part, str]:
    """Say in which part a case is wrong, and how."""
    meta = case.meta
    negative = [str(place.value) for place, info in meta.components.items() if info.mode.value == "negative"]
    told = getattr(meta.phase.data, "description", None) or "drawn from the schema"
    part = next((part for word, part in PARTS.items() if any(word in place for place in negative)), None)
    usual: Part = "body" if case.method.upper() in ("POST", "PUT", "PATCH") else "query"
    return part or usual, visible(str(told))[:120]


def _different(payloads: Iterator[Payload]) -> Iterator[Payload]:
    seen: set[bytes] = set()
    for payload in payloads:
        wire = payload.over_the_wire("nineam")
        if wire not in seen:
            seen.add(wire)
            yield payload


if __name__ == "__main__":
    main()
