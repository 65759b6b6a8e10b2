"""From addresses to dependencies: what each is for, what it is called here, and which of them may be reached. Pure."""

import re
from collections.abc import Iterable, Mapping

from nineam.model.trial import Dependency
from nineam.trials.addresses import KIND_OF_PORT, loopback, mentions, rewritten

ROLES = {
    "postgresql": "database",
    "mysql": "database",
    "mongodb": "database",
    "redis": "cache",
    "memcached": "cache",
    "amqp": "broker",
    "http": "http",
}
BROKERS = ("BROKER", "CELERY", "QUEUE", "RQ_", "DRAMATIQ", "HUEY")
STEM = re.compile(r"_(BASE|URL|URI|DSN|HOST|ADDR|ADDRESS|ENDPOINT|API|SERVER|CONNECTION|STRING)$")


def dependencies(environ: Mapping[str, str]) -> tuple[Dependency, ...]:
    """List what an application's variables name, each address once."""
    return merged(
        Dependency(
            name=stem(each.variable),
            role=role_of(each.kind, each.variable),
            kind=each.kind,
            host=each.host,
            port=each.port,
            sources=(each.variable,),
            pinned=each.pinned,
        )
        for each in mentions(environ)
    )


def seen_connecting(host: str, port: int, where: str, kind: str = "") -> Dependency:
    """Describe what an application connects to although no variable names it."""
    kind = kind or KIND_OF_PORT.get(port, "http")
    return Dependency(
        name=kind, role=role_of(kind, ""), kind=kind, host=host, port=port, sources=(where or "a connection",)
    )


def merged(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Put those with the same address together, and give every dependency a name of its own."""
    by_address: dict[tuple[str, int], list[Dependency]] = {}
    for each in found:
        by_address.setdefault((loopback(each.host), each.port), []).append(each)
    result: list[Dependency] = []
    taken: set[str] = set()
    for same in by_address.values():
        sources = tuple(dict.fromkeys(source for each in same for source in each.sources))
        role = "cache" if any(each.role == "cache" for each in same) else same[0].role
        name = _free(role if role in ("database", "cache", "broker") else same[0].name, taken, same[0])
        taken.add(name)
        result.append(
            Dependency(
                name=name,
                role=role,
                kind=same[0].kind,
                host=same[0].host,
                port=same[0].port,
                sources=sources,
                pinned=any(each.pinned for each in same),
            )
        )
    return tuple(result)


def role_of(kind: str, variable: str) -> str:
    """Say what something is for, by what it speaks and by the name of the variable."""
    if kind == "redis" and any(word in variable.upper() for word in BROKERS):
        return "broker"
    return ROLES.get(kind, "other")


def stem(variable: str) -> str:
    """Shorten a variable to the name of what it is about: `PAYMENTS_API_URL` is `payments`."""
    short = variable.upper()
    while (shorter := STEM.sub("", short)) and shorter != short:
        short = shorter
    return short.lower().replace("_", "-")


def redirected(environ: Mapping[str, str], found: Iterable[Dependency], ports: Mapping[str, int]) -> dict[str, str]:
    """Copy variables with every dependency that has one of `ports`, by name, read at 127.0.0.1 on that port."""
    moved = {(loopback(each.host), each.port): ports[each.name] for each in found if each.name in ports}
    return rewritten(environ, lambda host, port: moved.get((loopback(host), port)))


def _free(wanted: str, taken: set[str], dependency: Dependency) -> str:
    if wanted not in taken:
        return wanted
    other = dependency.name if dependency.name not in taken else f"{wanted}-{dependency.port}"
    return other if other not in taken else f"{wanted}-{loopback(dependency.host)}-{dependency.port}"
