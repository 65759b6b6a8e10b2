"""OpenAPI links: the document itself says which part of an answer another operation wants."""

from collections.abc import Iterator, Sequence

from nineam.model import Drawn, Harvest
from nineam.traffic.openapi.document import Document, Node
from nineam.traffic.openapi.entries import Entry

BODY = "$response.body#/"
PATH = "$request.path."


class Links:
    """The links between sent operations; a link that says more than is understood here is passed over."""

    def __init__(self, document: Document, sent: Sequence[Entry]) -> None:
        self._document = document
        self._sent = sent
        self._into: dict[int, dict[str, Drawn]] = {}
        self._out_of: dict[int, list[Harvest]] = {}
        for entry in sent:
            for link in self._of(entry):
                self._add(entry, link)

    def into(self, entry: Entry) -> dict[str, Drawn]:
        """Give, by parameter, what links say about an operation."""
        return self._into.get(id(entry), {})

    def out_of(self, entry: Entry) -> tuple[Harvest, ...]:
        """Give what the answers of an operation are good for by its links."""
        return tuple(self._out_of.get(id(entry), ()))

    def _of(self, entry: Entry) -> Iterator[Node]:
        for status, value in self._document.child(entry.node, "responses").items():
            if str(status).startswith("2") or status == "default":
                links = self._document.child(self._document.node(value), "links")
                yield from (self._document.node(link) for link in links.values())

    def _add(self, entry: Entry, link: Node) -> None:
        target = self._target(link)
        parameters = self._document.child(link, "parameters")
        values = {name.rpartition(".")[2]: _expression(value, entry) for name, value in parameters.items()}
        if target is None or not all(values.values()):
            return
        pool = f"{entry.name} -> {target.name}"
        names = sorted(values)
        harvest = Harvest(pool=pool, one=True, values=tuple(values[name] for name in names))
        self._out_of.setdefault(id(entry), []).append(harvest)
        for index, name in enumerate(names):
            self._into.setdefault(id(target), {}).setdefault(name, Drawn(pool=pool, index=index))

    def _target(self, link: Node) -> Entry | None:
        wanted = link.get("operationId")
        if wanted is not None:
            return next((each for each in self._sent if each.node.get("operationId") == wanted), None)
        node = self._document.node({"$ref": link.get("operationRef")})
        return next((each for each in self._sent if each.node is node), None)


def _expression(value: object, entry: Entry) -> str:
    """Give a runtime expression with the parameters of the path by number; nothing for one that is not understood."""
    if not isinstance(value, str | int):
        return ""
    text = str(value)
    if text.startswith(PATH):
        name = text.removeprefix(PATH)
        return f"{PATH}{entry.holes.index(name)}" if name in entry.holes else ""
    return text if text.startswith(BODY) or not text.startswith("$") else ""
