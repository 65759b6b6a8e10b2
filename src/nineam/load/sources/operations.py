"""Operations of an OpenAPI document: journeys of one request, with ids from the answers of earlier ones."""

import itertools
import secrets
from random import Random

from nineam import script
from nineam.errors import UsageError
from nineam.load.http import Client
from nineam.load.outgoing import Outgoing
from nineam.load.recipes import Recipe, Rendered, recipes
from nineam.load.roles import Surroundings
from nineam.load.sources.source import Source
from nineam.load.users import User
from nineam.model import LoadPlan, Operation

CACHED_REQUESTS = 4096
START_BITS = 40
"""Numbers start anywhere: what the previous run created may still be there."""


class Visitor(User):
    """A user who asks for operations."""

    @property
    def choice(self) -> Random:
        """The source of its choices, seeded and its own."""
        return self._draw()


class Visit:
    """One operation as a journey."""

    def __init__(self, recipe: Recipe, client: Client) -> None:
        self._recipe = recipe
        self._client = client
        self._before = _before(recipe.operation, client)
        self._built: dict[str, Outgoing] = {}

    async def once(self, user: Visitor) -> None:
        """Send the operation once and learn from the answer."""
        request = self._recipe.render(user.choice)
        outgoing = self._built.get(request.path) if self._recipe.repeats else None
        response = await user._ask(outgoing or self.build(request))
        self._recipe.learn(request, response.status, response.json)

    def build(self, request: Rendered) -> Outgoing:
        """Build a request. Raises `ValueError` when it cannot be sent."""
        operation = self._recipe.operation
        headers = request.headers
        if request.body or operation.method in ("POST", "PUT", "PATCH"):
            headers = headers | {"content-length": str(len(request.body))}
        path = self._before + request.path
        outgoing = self._client.raw(operation.method, path, operation.name, headers, request.body)
        if self._recipe.repeats:
            if len(self._built) >= CACHED_REQUESTS:
                self._built.clear()
            self._built[request.path] = outgoing
        return outgoing


def open_source(plan: LoadPlan, surroundings: Surroundings) -> Source | None:
    """Open the plan's `operations`. Raises `UsageError` for one that cannot be sent."""
    if not plan.operations:
        return None
    journeys = tuple(
        _journey(recipe, surroundings.client)
        for recipe in recipes(plan.operations, itertools.count(secrets.randbits(START_BITS)))
    )
    return Source(
        items=journeys,
        names=tuple(journey.name for journey in journeys),
        weights=tuple(journey.weight for journey in journeys),
        user=lambda number, around: Visitor(around, number),
    )


def _journey(recipe: Recipe, client: Client) -> script.Journey:
    operation = recipe.operation
    visit = Visit(recipe, client)
    try:
        visit.build(recipe.render(Random(0)))  # noqa: S311 - a rehearsal
    except ValueError as error:
        raise UsageError(f"{operation.name} cannot be sent: {error}") from error
    return script.Journey(
        name=operation.name, function=visit.once, weight=operation.weight, setup=None, teardown=None, where=""
    )


def _before(operation: Operation, client: Client) -> str:
    """Give what stands before the operation's path: of the base address, of the document's server, or of both."""
    base = client.target.prefix
    return base if base.endswith(operation.prefix) else base + operation.prefix
