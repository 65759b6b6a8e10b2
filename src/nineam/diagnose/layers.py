"""What layers are called in sentences."""

WORDS = {
    "server_wait": "requests wait outside the application, before its first line runs",
    "loop_lag": "requests are ready but wait for the event loop",
    "threadpool_wait": "requests wait for a free thread",
    "pool_wait": "requests wait for a database connection",
    "db_connect": "requests open database connections",
    "db_execute": "SQL statements take longer to come back",
    "db_fetch": "fetching rows takes longer",
    "hydration": "building objects from rows takes longer",
    "orm": "the ORM itself takes longer",
    "serializer": "serialization takes longer",
    "response": "rendering and sending answers takes longer",
    "view": "the view's own code takes longer",
    "framework": "the framework's own code takes longer",
    "dependencies": "dependencies take longer",
    "template": "templates take longer",
    "request_body": "reading request bodies takes longer",
    "gc": "garbage collection takes longer",
    "health": "the health check fails",
    "errors": "requests fail",
}

NOUNS = {
    "server_wait": "waiting to be let in",
    "loop_lag": "waiting for the event loop",
    "threadpool_wait": "waiting for a thread",
    "pool_wait": "waiting for a database connection",
    "db_connect": "opening database connections",
    "db_execute": "waiting for SQL statements",
    "db_fetch": "fetching rows",
    "hydration": "building objects from rows",
    "orm": "the ORM",
    "serializer": "serialization",
    "response": "rendering and sending answers",
    "view": "the view's own code",
    "framework": "the framework",
    "dependencies": "dependencies",
    "template": "templates",
    "request_body": "reading request bodies",
    "gc": "garbage collection",
}

WAITS = frozenset({"server_wait", "loop_lag", "threadpool_wait", "pool_wait"})
"""Layers in which a request only waits for others; the time is theirs, the cause is somebody else's."""


def words(layer: str) -> str:
    """What goes wrong in a layer, as the end of a sentence."""
    if layer.startswith("middleware:"):
        return f"the middleware {layer.partition(':')[2]} takes longer"
    return WORDS.get(layer, f"{layer} takes longer")


def noun(layer: str) -> str:
    """A layer as a noun."""
    if layer.startswith("middleware:"):
        return f"the middleware {layer.partition(':')[2]}"
    return NOUNS.get(layer, layer.replace("_", " "))
