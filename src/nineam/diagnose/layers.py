"""What layers are: whether they wait, whose they are, and what they are called in sentences. One table."""

from typing import NamedTuple

WAIT, OWN, SERVED = "wait", "own", "served"


class Layer(NamedTuple):
    """A layer: `kind` is WAIT (for others), OWN (the application's lines and what they call) or SERVED (neither)."""

    kind: str
    words: str
    noun: str


LAYERS = {
    "server_wait": Layer(
        WAIT, "requests wait outside the application, before its first line runs", "waiting to be let in"
    ),
    "loop_lag": Layer(WAIT, "requests are ready but wait for the event loop", "waiting for the event loop"),
    "threadpool_wait": Layer(WAIT, "requests wait for a free thread", "waiting for a thread"),
    "adapter": Layer(
        WAIT,
        "crossing between synchronous and asynchronous code takes longer",
        "crossing between synchronous and asynchronous code",
    ),
    "gil_wait": Layer(WAIT, "threads wait for the interpreter", "waiting for the interpreter"),
    "lock_wait": Layer(WAIT, "requests wait for each other's locks", "waiting for locks"),
    "http_pool_wait": Layer(
        WAIT, "requests wait for a connection of an HTTP client's pool", "waiting for an HTTP client's connection"
    ),
    "pool_wait": Layer(WAIT, "requests wait for a database connection", "waiting for a database connection"),
    "db_connect": Layer(OWN, "requests open database connections", "opening database connections"),
    "db_execute": Layer(OWN, "SQL statements take longer to come back", "waiting for SQL statements"),
    "db_fetch": Layer(OWN, "fetching rows takes longer", "fetching rows"),
    "hydration": Layer(OWN, "building objects from rows takes longer", "building objects from rows"),
    "orm": Layer(OWN, "the ORM itself takes longer", "the ORM"),
    "serializer": Layer(OWN, "serialization takes longer", "serialization"),
    "response": Layer(SERVED, "rendering and sending answers takes longer", "rendering and sending answers"),
    "view": Layer(OWN, "the view's own code takes longer", "the view's own code"),
    "framework": Layer(SERVED, "the framework's own code takes longer", "the framework"),
    "dependencies": Layer(OWN, "dependencies take longer", "dependencies"),
    "template": Layer(OWN, "templates take longer", "templates"),
    "request_body": Layer(SERVED, "reading request bodies takes longer", "reading request bodies"),
    "authentication": Layer(OWN, "authenticating takes longer", "authentication"),
    "permissions": Layer(OWN, "checking permissions takes longer", "permissions"),
    "throttling": Layer(OWN, "throttling takes longer", "throttling"),
    "pagination": Layer(OWN, "pagination takes longer", "pagination"),
    "renderer": Layer(OWN, "rendering answers takes longer", "rendering answers"),
    "http_client": Layer(OWN, "other services take longer to answer", "waiting for other services"),
    "http_connect": Layer(OWN, "connecting to other services takes longer", "connecting to other services"),
    "cache": Layer(OWN, "the cache takes longer to answer", "waiting for the cache"),
    "logging": Layer(OWN, "logging takes longer", "logging"),
    "password_hash": Layer(OWN, "hashing passwords takes longer", "hashing passwords"),
    "gc": Layer(SERVED, "garbage collection takes longer", "garbage collection"),
}
"""Layers by name; what is not here (one per middleware and signal, and new ones) is the application's own."""

WORDS = {name: layer.words for name, layer in LAYERS.items()} | {
    "health": "the health check fails",
    "errors": "requests fail",
}

NOUNS = {name: layer.noun for name, layer in LAYERS.items()}

WAITS = frozenset(name for name, layer in LAYERS.items() if layer.kind == WAIT)
"""Layers in which a request only waits for others; the time is theirs, the cause is somebody else's."""


ELSEWHERE = frozenset({"db_execute", "db_connect", "http_client", "http_connect", "cache", "request_body", "response"})
"""Layers that mostly wait for somebody outside of the process."""
NO_GARBAGE = WAITS | ELSEWHERE | {"db_fetch", "gc"}
"""Layers that make no objects worth speaking of; all others are what garbage comes from."""


def kind(layer: str) -> str:
    """Return what kind of layer one is."""
    if layer == "unattributed":
        return SERVED
    return LAYERS[layer].kind if layer in LAYERS else OWN


def words(layer: str) -> str:
    """What goes wrong in a layer, as the end of a sentence."""
    if layer.startswith("middleware:"):
        return f"the middleware {layer.partition(':')[2]} takes longer"
    if layer.startswith("signal:"):
        return f"the receivers of the signal {layer.partition(':')[2]} take longer"
    return WORDS.get(layer, f"{layer} takes longer")


def noun(layer: str) -> str:
    """A layer as a noun."""
    if layer.startswith("middleware:"):
        return f"the middleware {layer.partition(':')[2]}"
    if layer.startswith("signal:"):
        return f"the receivers of the signal {layer.partition(':')[2]}"
    return NOUNS.get(layer, layer.replace("_", " "))
