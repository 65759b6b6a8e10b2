"""What an option is made of, and durations as an option's type."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., object])


class Option(NamedTuple):
    """The names of an option and the keywords of `click.option`."""

    names: tuple[str, ...]
    settings: dict[str, Any]


class Theme(NamedTuple):
    """Options that belong together, under one heading of `--help`."""

    title: str
    options: tuple[Option, ...]


def option(*names: str, **settings: Any) -> Option:
    """Describe an option as `click.option` would take it."""
    return Option(names, settings)


def having(options: Iterable[Option]) -> Callable[[Function], Function]:
    """Give a command's function these options, in this order of `--help`."""

    def decorate(function: Function) -> Function:
        for names, settings in reversed(tuple(options)):
            function = click.option(*names, **settings)(function)
        return function

    return decorate
