"""What is run, and how it is started."""

import click

from nineam.cli.options.option import Option, Theme, option

STARTED: tuple[Option, ...] = (
    option("-H", "--host", default="", metavar="URL", help="Where the application will listen."),
    option("--server", default="", metavar="NAME", help="Which server starts TARGET."),
    option("--workers", type=int, help="How many workers it starts."),
    option("--python", default=None, metavar="PATH", help="The application's interpreter or venv."),
    option("--cwd", default=".", metavar="DIR", help="The application's directory."),
    option("--env", multiple=True, metavar="KEY=VALUE", help="Set in its environment."),
    option("--ready-timeout", type=float, help="Seconds it may take to answer (default 30)."),
)
"""Those of every command that starts an application."""

THEME = Theme(
    "Application",
    (
        *STARTED,
        option("--port", type=click.IntRange(1, 65535), help="Its port (default: a free one)."),
        option("--health", default="", metavar="PATH", help="The health check to probe (default: found)."),
        option("--database", default="", metavar="URL", help="Its PostgreSQL, to watch (default: its environment's)."),
        option("--allow-target", "allowed", multiple=True, metavar="HOST", help="A host beyond this machine."),
        option("--no-agent", is_flag=True, help="Do not look inside the application."),
    ),
)
