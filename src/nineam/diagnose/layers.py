"""What layers are called in sentences."""

WORDS = {
    "server_wait": "requests wait outside the application, before its first line runs",
    "loop_lag": "requests are ready but wait for the event loop",
    "threadpool_wait": "requests wait for a free thread",
    "adapter": "crossing between synchronous and asynchronous code takes longer",
    "lock_wait": "requests wait for each other's locks",
    "http_pool_wait": "requests wait for a connection of an HTTP client's pool",
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
    "authentication": "authenticating takes longer",
    "permissions": "checking permissions takes longer",
    "throttling": "throttling takes longer",
    "pagination": "pagination takes longer",
    "renderer": "rendering answers takes longer",
    "http_client": "other services take longer to answer",
    "http_connect": "connecting to other services takes longer",
    "cache": "the cache takes longer to answer",
    "logging": "logging takes longer",
    "password_hash": "hashing passwords takes longer",
    "gc": "garbage collection takes longer",
    "health": "the health check fails",
    "errors": "requests fail",
}

NOUNS = {
    "server_wait": "waiting to be let in",
    "loop_lag": "waiting for the event loop",
    "threadpool_wait": "waiting for a thread",
    "adapter": "crossing between synchronous and asynchronous code",
    "lock_wait": "waiting for locks",
    "http_pool_wait": "waiting for an HTTP client's connection",
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
    "authentication": "authentication",
    "permissions": "permissions",
    "throttling": "throttling",
    "pagination": "pagination",
    "renderer": "rendering answers",
    "http_client": "waiting for other services",
    "http_connect": "connecting to other services",
    "cache": "waiting for the cache",
    "logging": "logging",
    "password_hash": "hashing passwords",
    "gc": "garbage collection",
}

WAITS = frozenset({"server_wait", "loop_lag", "threadpool_wait", "adapter", "pool_wait", "lock_wait", "http_pool_wait"})
"""Layers in which a request only waits for others; the time is theirs, the cause is somebody else's."""


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
