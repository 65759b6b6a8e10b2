"""The options of `nineam run`: one file for each theme, one line here."""

import click

from nineam.cli.options import application, data, gates, http, load, outputs, times, traffic
from nineam.cli.options.option import Function, Theme, having

THEMES: tuple[Theme, ...] = (
    load.THEME,
    traffic.THEME,
    gates.THEME,
    http.THEME,
    application.THEME,
    data.THEME,
    outputs.THEME,
    times.THEME,
)
"""In the order of `--help`."""


def with_options(function: Function) -> Function:
    """Give a command's function all options of all themes."""
    return having(option for theme in THEMES for option in theme.options)(function)


def write_themes(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write a command's options below the headings of their themes; what has no theme comes last."""
    records = ((each.opts[0], each.get_help_record(ctx)) for each in command.get_params(ctx))
    left = {name: record for name, record in records if record is not None}
    for theme in THEMES:
        rows = [left.pop(option.names[0]) for option in theme.options if option.names[0] in left]
        _write(formatter, theme.title, rows)
    _write(formatter, "Others", [row for name, row in left.items() if name.startswith("-")])


def _write(formatter: click.HelpFormatter, title: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)
