"""The server in front of an application, by the words that start it: its name and the limits it sets itself. Pure."""

import shlex
from collections.abc import Mapping, Sequence

from nineam.model.record import Record

NAMES = ("gunicorn", "uvicorn", "hypercorn", "granian", "waitress", "daphne")
GUNICORNS_OWN = 30.0
"""Seconds: gunicorn's default for both of its timeouts."""
HYPERCORNS_OWN = 3.0
CONFIGURED = ("-c", "--config")


class Server(Record, frozen=True, kw_only=True):
    """A server. `kills_s` is after how long it ends a worker that is stuck in one request; None: never, or unknown.

    `drains_s` is what requests under way get when it is asked to end, and `drain_option` says so; None as above.
    """

    name: str = ""
    kills_s: float | None = None
    drains_s: float | None = None
    drain_option: str = ""


UNKNOWN = Server()


def server_of(command: Sequence[str]) -> str:
    """Name the server in a command line; empty when it is none of the known ones."""
    words = " ".join(command)
    return next((name for name in NAMES if name in words), "")


def server_from(command: Sequence[str], environ: Mapping[str, str], *, config_file: bool = False) -> Server:
    """Read a server's limits from its command; a configuration file may say anything, so then they are unknown."""
    name = server_of(command)
    if name == "gunicorn":
        words = (*shlex.split(environ.get("GUNICORN_CMD_ARGS", "")), *command)
        return _gunicorn(words, known=not config_file and _last(words, CONFIGURED) is None)
    if name == "uvicorn":
        option = "--timeout-graceful-shutdown"
        return Server(name=name, drains_s=_number(command, (option,)), drain_option=option)
    if name == "hypercorn":
        option = "--graceful-timeout"
        return Server(name=name, drains_s=_number(command, (option,), HYPERCORNS_OWN), drain_option=option)
    return Server(name=name)


def limit_words(server: Server, ended: int) -> str:
    """Say what the server itself does about a request that takes too long; `ended` workers it has ended for that."""
    if ended:
        after = f"--timeout of {server.kills_s:g} s" if server.kills_s else "--timeout"
        return f"{server.name or 'server'}'s {after} ended {counted(ended, 'worker')}"
    if server.kills_s:
        return f"{server.name}'s --timeout would end it after {server.kills_s:g} s"
    return ""


def counted(number: int, noun: str) -> str:
    """Spell a number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _gunicorn(words: Sequence[str], *, known: bool) -> Server:
    option = "--graceful-timeout"
    drains_s = _number(words, (option,), GUNICORNS_OWN if known else None)
    kind = _last(words, ("-k", "--worker-class")) or "sync"
    threads = _number(words, ("--threads",), 1.0) or 1.0
    # only a sync worker is silent while it works on a request: the others tell their parent that they live
    alone = kind == "sync" and threads <= 1
    kills_s = _number(words, ("-t", "--timeout"), GUNICORNS_OWN if known else None) if alone else None
    return Server(name="gunicorn", kills_s=kills_s or None, drains_s=drains_s, drain_option=option)


def _number(words: Sequence[str], options: Sequence[str], default: float | None = None) -> float | None:
    try:
        return float(_last(words, options) or "")
    except ValueError:
        return default


def _last(words: Sequence[str], options: Sequence[str]) -> str | None:
    """Return the value of an option, the last one given; None without any."""
    found = None
    for number, word in enumerate(words):
        option, equals, value = word.partition("=")
        if word in options:
            found = words[number + 1] if number + 1 < len(words) else ""
        elif equals and option in options:
            found = value
        elif any(len(each) == 2 and word.startswith(each) and word[2:].isdigit() for each in options):
            found = word[2:]
    return found
