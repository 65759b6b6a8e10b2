"""The database that `--database` names."""

import os

from nineam.cli.asked import Options
from nineam.collect.database_address import URL, address_of
from nineam.collect.signals import NotHere
from nineam.errors import UsageError


def watched_database(options: Options) -> str:
    """Return the URL of the PostgreSQL whose sessions are watched, or nothing: a run with `--grown` takes any kind."""
    if options.grown and not URL.match(options.database):
        return ""
    return checked_database(options.database)


def checked_database(url: str) -> str:
    """Return the URL when it is of a PostgreSQL on this machine, or nothing. Raises UsageError, without the URL."""
    if url:
        try:
            address_of(url, os.environ)
        except NotHere as reason:
            hint = "write it like postgresql://user@127.0.0.1:5432/shop; databases elsewhere are not looked at"
            raise UsageError(f"--database: {reason}", hint=hint) from None
    return url
