"""Requests without a journey: discovered ones, or a list of addresses."""

from nineam.errors import UsageError
from nineam.load.http import Client
from nineam.load.lenient import LenientUser, LenientVisitor, Refusable
from nineam.load.outgoing import Outgoing
from nineam.load.plain import PlainUser, PlainVisitor
from nineam.load.roles import Surroundings
from nineam.load.sources.source import Source
from nineam.model import LoadPlan, RequestSpec


def open_source(plan: LoadPlan, surroundings: Surroundings) -> Source | None:
    """Open the plan's `requests`. Raises `UsageError` for one that cannot be sent."""
    if not plan.requests:
        return None
    user, visitor = PlainUser, PlainVisitor
    if any(spec.may_be_refused for spec in plan.requests):
        user, visitor = LenientUser, LenientVisitor
    return Source(
        items=tuple(outgoing(spec, surroundings.client) for spec in plan.requests),
        names=tuple(spec.name for spec in plan.requests),
        weights=tuple(spec.weight for spec in plan.requests),
        user=lambda number, around: user(around, around.shared_lane),  # noqa: ARG005 - all are alike
        visitor=lambda number, around: visitor(around),  # noqa: ARG005 - likewise
    )


def outgoing(spec: RequestSpec, client: Client) -> Outgoing:
    """Build a request. Raises `UsageError` when it cannot be sent."""
    headers = {name.lower(): value for name, value in spec.headers}
    try:
        prepared = client.build(spec.method.upper(), spec.path, headers=headers, data=spec.body or None)
    except ValueError as error:
        raise UsageError(f"{spec.method} {spec.path} cannot be sent: {error}") from error
    prepared.name = spec.name
    return Refusable(prepared) if spec.may_be_refused else prepared
