"""The logins of ordinary requests: hostile ones are sent with them, and nothing that is written down has them. Pure."""

import re
from collections.abc import Iterable, Mapping

from nineam.model import RequestSpec
from nineam.payloads.aim import secrets_of
from nineam.payloads.asking import Headers

APART = re.compile(r"[\s;,=]+")
SHORTEST = 6
"""What is shorter says nothing to anybody, and would be found in every text."""
HIDDEN = "***"


def logins(requests: Iterable[RequestSpec]) -> Mapping[str, Headers]:
    """Give the secret headers of each endpoint that has some."""
    found = {each.name: secrets_of(each) for each in requests}
    return {name: headers for name, headers in found.items() if headers}


def hidden(text: str, values: Iterable[str]) -> str:
    """Leave secret values, and parts of them, out of what an application has printed."""
    parts = {part for value in values for part in (value, *APART.split(value)) if len(part) >= SHORTEST}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, HIDDEN)
    return text
