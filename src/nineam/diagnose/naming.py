"""What an endpoint is called: by clients, by the agent, and on screen."""

import re
from collections.abc import Iterable, Mapping

from nineam.endpoints import is_apart


class Names:
    """Brings clients' names together with the agent's route templates.

    `chosen` are names that a user has given to requests, with what each would be called without it.
    """

    def __init__(self, templates: Iterable[str], chosen: Mapping[str, str]) -> None:
        self._patterns = {name: _pattern(name) for name in sorted(templates)}
        self._chosen = chosen

    def template(self, name: str) -> str:
        """The route template behind a client's name for an endpoint; the name itself when there is none."""
        if is_apart(name) or name in self._patterns:
            return name
        sent = self._chosen.get(name, name)
        if sent in self._patterns:
            return sent
        return next((known for known, pattern in self._patterns.items() if pattern.fullmatch(sent)), name)

    def shown(self, name: str) -> str:
        """Give what reports call it: as the user does, else by its route template."""
        return name if name in self._chosen else self.template(name)


def _pattern(template: str) -> re.Pattern[str]:
    """A template as a pattern over clients' names: a parameter is one segment, or a client's own placeholder."""
    parts = re.split(r"(\{[^}]*\}|<[^>]*>)", template)
    return re.compile("".join(_parameter(part) if index % 2 else re.escape(part) for index, part in enumerate(parts)))


def _parameter(part: str) -> str:
    """Return the pattern of a parameter: one segment, or several where the route says it is a path."""
    spans = part in ("{path}", "<path>") or part.endswith(":path}") or part.startswith("<path:")
    return ".+" if spans else "[^/]+"
