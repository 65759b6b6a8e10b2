"""What names of path segments, parameters and properties have to do with each other."""

import re

WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-\s.]+")
IDENTITIES = frozenset({"id", "pk", "uuid", "guid", "oid", "key", "identifier"})
GENERIC = ("id", "uuid", "_id", "pk", "guid", "identifier", "slug", "key", "code")


def snake(name: str) -> str:
    """`orderId` and `order-id` as `order_id`."""
    return WORD.sub("_", name).lower()


def camel(name: str) -> str:
    """`order_id` as `orderId`."""
    first, *rest = snake(name).split("_")
    return first + "".join(word.capitalize() for word in rest)


def singulars(noun: str) -> frozenset[str]:
    """Give the forms that a noun may have when there is one of it."""
    bare = snake(noun)
    found = {bare}
    if bare.endswith("ies"):
        found.add(f"{bare[:-3]}y")
    if bare.endswith("es"):
        found.add(bare[:-2])
    if bare.endswith("s") and not bare.endswith("ss"):
        found.add(bare[:-1])
    return frozenset(found | {"people": {"person"}, "children": {"child"}}.get(bare, set()))


def same_noun(first: str, second: str) -> bool:
    """Whether two nouns mean the same kind of thing, in singular or plural."""
    return bool(first and second and singulars(first) & singulars(second))


def is_identity(parameter: str, noun: str) -> bool:
    """Whether a path parameter after a segment is *the* id of what the segment lists, whatever it is called."""
    name = snake(parameter)
    return name.endswith("id") or name.rpartition("_")[2] in IDENTITIES or same_noun(name, noun)


def thing(name: str) -> str:
    """`user` for `user_id`, `userId`, `user_uuid`; empty for a name that is no reference."""
    first, _, last = snake(name).rpartition("_")
    return first if last in IDENTITIES else ""


def fields(parameter: str, noun: str) -> tuple[str, ...]:
    """Give the properties of an item that may fill a path parameter, the likeliest first."""
    found = [parameter, snake(parameter), camel(parameter)]
    for one in sorted(singulars(noun), key=len):
        if snake(parameter).startswith(f"{one}_"):
            found.append(snake(parameter)[len(one) + 1 :])
        if is_identity(parameter, noun):
            found += [f"{one}_id", camel(f"{one}_id")]
    if is_identity(parameter, noun):
        found += GENERIC
    return tuple(dict.fromkeys(name for name in found if name))
