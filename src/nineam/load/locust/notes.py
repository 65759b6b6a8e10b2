"""What can only be said of a locustfile once it is imported: hosts, users without HTTP, shapes."""

from typing import Any

from nineam.load.journeys import describe_problem, resolved
from nineam.load.locust.shapes import LoadTestShape, stages_of
from nineam.load.locust.user_classes import FastHttpUser, HttpUser
from nineam.model import RampStage


def notes_on(users: tuple[Any, ...]) -> tuple[str, ...]:
    """Give what is to be said of user classes."""
    notes = [
        f"{each.__name__} is no HttpUser: its own code runs, and holds up all users while it waits"
        for each in users
        if not issubclass(each, HttpUser | FastHttpUser)
    ]
    if len({each.host for each in users if each.host}) > 1:
        notes.append("its users name different hosts: all requests go to the one target")
    return tuple(notes)


def shape_stages(shape: type[LoadTestShape] | None, path: str) -> tuple[tuple[RampStage, ...], tuple[str, ...]]:
    """Give the stages of a shape, and what is to be said when they cannot be known in advance."""
    if shape is None:
        return (), ()
    try:
        asked = stages_of(shape())
    except Exception as error:  # noqa: BLE001 - the file's own code
        message, where = describe_problem(error, resolved(path))
        return (), (f"{shape.__name__}.tick() cannot be asked in advance and is left out: {message} ({where})",)
    if not asked.ends:
        return (), (f"{shape.__name__}.tick() does not end within a day and is left out: give --stage",)
    chosen = f"{shape.__name__}.tick() chooses user classes: all classes are used by their weights instead"
    return asked.stages, (chosen,) if asked.chooses else ()
