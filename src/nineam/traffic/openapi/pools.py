"""Which answers feed which pool of ids, and which holes draw from it: decided before anything is sent.

A pool is called like the place it belongs to: `/users/{}` holds users, `/users/{}/orders/{}` pairs of a user and
an order of that user.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nineam.model import Drawn, Harvest
from nineam.traffic.openapi.document import Document, listed
from nineam.traffic.openapi.entries import PARAMETER, Entry, answer_schema, items_schema, reference, schema_of
from nineam.traffic.openapi.links import Links
from nineam.traffic.openapi.mentions import mention
from nineam.traffic.openapi.nouns import fields, is_identity, same_noun, snake, thing
from nineam.traffic.openapi.schemas import flat

LISTS = ("list", "all", "search", "index")
PROVIDING = ("GET", "POST")


@dataclass
class Pool:
    """One pool: who feeds it, and from which properties of an item."""

    noun: str
    keeps: int
    providers: list[Entry] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)


class Pools:
    """The pools that the sent operations of a document make up."""

    def __init__(self, document: Document, sent: Sequence[Entry]) -> None:
        self._document = document
        self._sent = sent
        self._found: dict[str, Pool] = {}
        self._links = Links(document, sent)

    def of_path(self, entry: Entry) -> dict[str, tuple[Drawn, ...]]:
        """Say for each parameter in the path of an operation where its values come from, the best source first."""
        found: dict[str, list[Drawn]] = {name: [] for name in entry.holes}
        places = [match for match in PARAMETER.finditer(entry.path) if _is_segment(entry.path, match.span())]
        for match in reversed(places):
            before, name = entry.path[: match.start()].rstrip("/"), match.group(1)
            if _enumerated(self._document, entry, name):
                continue
            above = PARAMETER.findall(before)
            if key := self._place(before, name):
                for index, each in enumerate([*above, name]):
                    found[each].append(Drawn(pool=key, index=index))
            else:
                found[name] += self._elsewhere(name, _noun(before))
        for name, drawn in self._links.into(entry).items():
            found.get(name, []).insert(0, drawn)
        return {name: tuple(dict.fromkeys(sources)) for name, sources in found.items()}

    def _elsewhere(self, parameter: str, noun: str) -> tuple[Drawn, ...]:
        """Find values for a parameter whose own place nobody lists."""
        if is_identity(parameter, ""):
            return self.of_thing(thing(parameter) or noun, parameter)
        found = {each: mention(self._document, each, parameter) for each in self._sent}
        providers = {each: spot for each, spot in found.items() if spot}
        if not providers:
            return ()
        key = f"any {parameter}"
        self._found[key] = Pool("", 0, [*providers], [*providers.values()])
        return (Drawn(pool=key),)

    def of_property(self, name: str) -> tuple[Drawn, ...]:
        """Say where the values of a property or a query parameter come from; nowhere unless it is called like an id."""
        return self.of_thing(thing(name), "id") if thing(name) else ()

    def of_thing(self, noun: str, parameter: str) -> tuple[Drawn, ...]:
        """Find a list of such things anywhere; the one with the fewest parameters of its own is best."""
        for before in sorted(self._lists_of(noun), key=lambda path: path.count("{")):
            if key := self._place(before, parameter):
                return (Drawn(pool=key, index=before.count("{")),)
        return ()

    def _lists_of(self, noun: str) -> list[str]:
        """Give the paths that list such things, or have one of them below."""
        above = [each.path[: match.start()] for each in self._sent for match in PARAMETER.finditer(each.path)]
        lists = [each.path for each in self._sent if each.method == "GET"]
        bare = dict.fromkeys(path.rstrip("/") for path in (*lists, *above))
        return [path for path in bare if not path.endswith("}") and same_noun(_noun(path), noun)]

    def harvests(self, entry: Entry) -> tuple[Harvest, ...]:
        """Say what the answers of an operation are good for, once all holes are known."""
        found = [
            Harvest(
                pool=key,
                fields=tuple(dict.fromkeys(pool.fields)),
                noun=pool.noun,
                one=entry.method == "POST",
                keeps=pool.keeps,
            )
            for key, pool in self._found.items()
            if entry in pool.providers
        ]
        return (*found, *self._links.out_of(entry))

    def _place(self, before: str, parameter: str) -> str:
        """Give the pool of a place in a path, when anything feeds it."""
        providers = self._direct(before) + self._lists_below(before)
        if "{" not in before:
            providers += self._alike(before, parameter)
        return self._feed(before, parameter, providers) if providers else ""

    def _feed(self, before: str, parameter: str, providers: Iterable[Entry]) -> str:
        noun = _noun(before)
        own = "" if is_identity(parameter, noun) else snake(parameter)
        key = f"{_shape(before)}/{{{own}}}"
        pool = self._found.setdefault(key, Pool(noun, len(PARAMETER.findall(before))))
        pool.providers = list(dict.fromkeys([*pool.providers, *providers]))
        pool.fields += fields(parameter, noun)
        return key

    def _direct(self, before: str) -> list[Entry]:
        shape = _shape(before)
        return [each for each in self._sent if each.method in PROVIDING and _shape(each.path).rstrip("/") == shape]

    def _lists_below(self, before: str) -> list[Entry]:
        shapes = {f"{_shape(before)}/{name}" for name in LISTS}
        return [each for each in self._sent if each.method == "GET" and _shape(each.path).rstrip("/") in shapes]

    def _alike(self, before: str, parameter: str) -> list[Entry]:
        """Find operations that answer the very things that one of them is asked for here."""
        path = f"{before}/{{{parameter}}}"
        kinds = {
            reference(answer_schema(self._document, each))
            for each in self._sent
            if each.method == "GET" and each.path.rstrip("/") == path
        } - {""}
        return [each for each in self._sent if kinds and not each.holes and self._answers(each) & kinds]

    def _answers(self, entry: Entry) -> set[str]:
        schema = answer_schema(self._document, entry)
        if entry.method == "GET":
            return {reference(items_schema(self._document, schema))}
        return {reference(schema)} if entry.method == "POST" else set()


def _shape(path: str) -> str:
    return PARAMETER.sub("{}", path)


def _noun(before: str) -> str:
    """Give the last segment of a path that is no parameter."""
    segments = [segment for segment in before.split("/") if segment and "{" not in segment]
    return segments[-1] if segments else ""


def _is_segment(path: str, span: tuple[int, int]) -> bool:
    return path[span[0] - 1] == "/" and path[span[1] : span[1] + 1] in ("", "/")


def _enumerated(document: Document, entry: Entry, name: str) -> bool:
    schema = flat(document, schema_of(document, entry.parameter("path", name))).schema
    return bool(listed(schema.get("enum"))) or schema["type"] == "boolean"
