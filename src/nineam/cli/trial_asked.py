"""What the user wants put to the test: names of trials and a target told apart, dependencies named by hand."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nineam.errors import UsageError, nearest
from nineam.model.trial import Dependency
from nineam.trials.addresses import DEFAULT_PORTS, KIND_OF_PORT
from nineam.trials.catalogue import TRIALS
from nineam.trials.dependencies import ROLES
from nineam.trials.trial import Trial

KINDS = tuple(DEFAULT_PORTS)[:-1]


class Words(NamedTuple):
    """The words on the command line: a target (or empty), and names of trials."""

    target: str
    names: tuple[str, ...]


def words_of(words: Iterable[str]) -> Words:
    """Tell a target from names of trials: it has a colon, a dot or a slash, which no name has. Raises UsageError."""
    targets, names = [], []
    known = [trial.name for trial in TRIALS]
    for word in words:
        if any(mark in word for mark in ":./"):
            targets.append(word)
        elif word in known:
            names.append(word)
        else:
            close = nearest(word, known)
            raise UsageError(
                f"there is no trial {word!r}" + (f"; did you mean {close}?" if close else ""),
                hint=f"the trials are {', '.join(known)}",
            )
    if len(targets) > 1:
        raise UsageError(
            f"got {len(targets)} targets: {', '.join(targets)}", hint="put one application on trial at a time"
        )
    return Words(targets[0] if targets else "", tuple(names))


def chosen(names: Sequence[str], *, everything: bool) -> tuple[Trial, ...]:
    """Return the trials to run, in the catalogue's order: those named, or the usual ones, or all."""
    if names and everything:
        raise UsageError("--all and names of trials exclude each other", hint="leave one of them out")
    return tuple(each for each in TRIALS if (each.name in names if names else everything or each.usual))


def upstream_of(text: str) -> Dependency:
    """Read `--upstream`: NAME=HOST:PORT, with an optional kind (`redis://`) before the host. Raises UsageError."""
    name, equals, address = text.partition("=")
    kind, scheme, place = address.rpartition("://")
    host, colon, port = place.rpartition(":")
    if not (name and equals and host and colon and port.isdigit()) or (scheme and kind not in KINDS):
        raise UsageError(
            f"--upstream {text!r}: expected NAME=HOST:PORT or NAME=KIND://HOST:PORT",
            hint=f"like --upstream database=postgresql://127.0.0.1:5432; kinds are {', '.join(KINDS)}",
        )
    kind = kind or KIND_OF_PORT.get(int(port), "http")
    return Dependency(
        name=name, role=ROLES.get(kind, "other"), kind=kind, host=host, port=int(port), sources=("--upstream",)
    )
