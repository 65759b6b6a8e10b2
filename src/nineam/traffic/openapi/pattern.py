"""A text that a simple regular expression accepts."""

import re
from typing import NamedTuple

LONGEST_PATTERN = 200
LONGEST_TEXT = 64
CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
ANCHORS = frozenset("bBAZ")
QUANTIFIER = re.compile(r"\{(\d{1,3})(?:,\d{0,4})?\}[?+]?")


class _TooHardError(Exception):
    """The expression has something that is not understood here."""


class _Read(NamedTuple):
    """A piece of text, and where reading goes on."""

    text: str
    at: int


def matching(pattern: str) -> str:
    """Give a short text that `pattern` finds; empty when the pattern is wrong, or too hard."""
    if len(pattern) > LONGEST_PATTERN:
        return ""
    try:
        text = _alternatives(pattern, 0, 0).text
        return text if len(text) <= LONGEST_TEXT and re.search(pattern, text) else ""
    except (_TooHardError, re.error, IndexError, RecursionError, OverflowError):
        return ""


def _alternatives(pattern: str, at: int, depth: int) -> _Read:
    """Read until the end or a closing parenthesis; of several alternatives the first counts."""
    first: str | None = None
    text = ""
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            first, text, at = (text if first is None else first), "", at + 1
            continue
        piece, at = _piece(pattern, at, depth)
        times, at = _times(pattern, at)
        text += piece * times
    return _Read(text if first is None else first, at)


def _piece(pattern: str, at: int, depth: int) -> _Read:
    character = pattern[at]
    if character in "^$":
        return _Read("", at + 1)
    if character == "(":
        return _group(pattern, at + 1, depth + 1)
    if character == "[":
        return _set(pattern, at + 1)
    if character == "\\":
        return _escaped(pattern, at + 1)
    if character in "*+?{":
        raise _TooHardError
    return _Read("a" if character == "." else character, at + 1)


def _group(pattern: str, at: int, depth: int) -> _Read:
    if depth > 20:
        raise _TooHardError
    if pattern[at] == "?":
        if pattern[at : at + 2] != "?:":
            raise _TooHardError
        at += 2
    text, at = _alternatives(pattern, at, depth)
    if pattern[at] != ")":
        raise _TooHardError
    return _Read(text, at + 1)


def _escaped(pattern: str, at: int) -> _Read:
    character = pattern[at]
    if character in ANCHORS:
        return _Read("", at + 1)
    if character in CLASSES:
        return _Read(CLASSES[character], at + 1)
    if character.isalnum():
        raise _TooHardError
    return _Read(character, at + 1)


def _set(pattern: str, at: int) -> _Read:
    """Read a set of characters: its first one stands for it, or one that a negated set does not have."""
    negated = pattern[at] == "^"
    at += negated
    end = _end_of_set(pattern, at)
    if negated:
        inside = re.compile(f"[{pattern[at:end]}]")
        free = next((each for each in "a0A- _." if not inside.match(each)), "")
        return _Read(free, end + 1)
    if pattern[at] == "\\":
        return _Read(_escaped(pattern, at + 1).text, end + 1)
    return _Read(pattern[at], end + 1)


def _end_of_set(pattern: str, at: int) -> int:
    here = at + 1 if pattern[at] != "\\" else at + 2  # a bracket right at the start stands for itself
    while pattern[here] != "]":
        here += 2 if pattern[here] == "\\" else 1
    return here


def _times(pattern: str, at: int) -> tuple[int, int]:
    if at < len(pattern) and pattern[at] in "*+?":
        lazy = pattern[at + 1 : at + 2] in ("?", "+")
        return (0 if pattern[at] == "?" else 1), at + 1 + lazy
    found = QUANTIFIER.match(pattern, at)
    if found is None:
        return 1, at
    return min(int(found.group(1)), LONGEST_TEXT + 1), found.end()
