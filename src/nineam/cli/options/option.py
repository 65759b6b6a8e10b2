"""What an option is made of, and durations as an option's type."""

from typing import Any, NamedTuple


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
